import { BinaryReader } from '@bufbuild/protobuf/wire';
import * as ort from 'onnxruntime-node';
import {
  GraphBuilder,
  add,
  conv2d,
  dense,
  globalAveragePool,
  gradients,
  matMul,
  mul,
  reduceSum,
  relu,
  type Graph,
} from '#graph';
import { ONNX_OPSET, OnnxError, writeOnnx } from './index.js';

function classifier(): GraphBuilder {
  const builder = new GraphBuilder();
  const constant = (...shape: number[]) =>
    builder.constant({ shape, data: new Float32Array(shape.reduce((a, b) => a * b)).fill(0.5) });
  const images = builder.input('input', [1, 1, 5, 5]);
  const features = relu(conv2d(images, constant(2, 1, 3, 3), { stride: 1, padding: 1 }));
  builder.output('logits', dense(globalAveragePool(features), constant(2, 3), constant(3)));
  return builder;
}

/** Every length-delimited field of a message with the given number. */
function fieldsOf(bytes: Uint8Array, wanted: number): Uint8Array[] {
  const reader = new BinaryReader(bytes);
  const found: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === wanted) found.push(reader.bytes());
    else reader.skip(wireType, field);
  }
  return found;
}

/** Opset domains of a model (ModelProto.opset_import = 8, domain = 1). */
function domainsOf(model: Uint8Array): string[] {
  return fieldsOf(model, 8).map((opset) => Buffer.from(fieldsOf(opset, 1)[0]!).toString());
}

const load = (graph: Graph) => ort.InferenceSession.create(writeOnnx(graph));

test('a network for inference is plain ONNX of the promised opset', async () => {
  const model = writeOnnx(classifier().build(), { name: 'net', producer: 'me' });
  expect(domainsOf(model)).toEqual(['']);
  expect(ONNX_OPSET).toBe(17);
  const session = await ort.InferenceSession.create(model);
  expect(session.inputNames).toEqual(['input']);
  expect(session.outputNames).toEqual(['logits']);
  const { logits } = await session.run({
    input: new ort.Tensor('float32', new Float32Array(25).fill(1), [1, 1, 5, 5]),
  });
  // Taps seen: 9 inside, 6 at the 12 edge places, 4 at the corners; each tap adds 0.5.
  const mean = (0.5 * (9 * 9 + 12 * 6 + 4 * 4)) / 25;
  for (const value of logits!.data as Float32Array) expect(value).toBeCloseTo(2 * 0.5 * mean + 0.5, 5);
  await session.release();
});

test('filter gradients alone bring in the domain com.microsoft', () => {
  const builder = new GraphBuilder();
  const [x, w] = [builder.input('x', [1, 1, 4, 4]), builder.input('w', [1, 1, 3, 3])];
  const loss = reduceSum(conv2d(x, w, { stride: 1, padding: 1 }), [0, 1, 2, 3]);
  builder.output('dw', gradients(loss, [w])[0]!);
  expect(domainsOf(writeOnnx(builder.build()))).toEqual(['', 'com.microsoft']);
});

test('states become inputs, and outputs where they are assigned', async () => {
  const builder = new GraphBuilder();
  const [a, b] = [builder.state('a', [2]), builder.state('b', [2])];
  builder.assign(a, add(a, b));
  builder.output('old', a);
  const session = await load(builder.build());
  expect(session.inputNames).toEqual(['a', 'b']);
  expect(session.outputNames).toEqual(['old', 'a__next']);
  await session.release();
});

test('one value under several names, inputs and constants can be outputs', async () => {
  const builder = new GraphBuilder();
  const x = builder.input('x', [2]);
  const doubled = mul(x, builder.scalar(2));
  const [first, second] = [builder.state('first', [2]), builder.state('second', [2])];
  builder.assign(first, doubled);
  builder.assign(second, doubled);
  builder.output('doubled', doubled);
  builder.output('same', x);
  builder.output('two', builder.scalar(2));
  const session = await load(builder.build());
  const tensor = () => new ort.Tensor('float32', Float32Array.of(1, 2), [2]);
  const results = await session.run({ x: tensor(), first: tensor(), second: tensor() });
  const read = (name: string) => [...(results[name]!.data as Float32Array)];
  expect(read('doubled')).toEqual([2, 4]);
  expect(read('first__next')).toEqual([2, 4]);
  expect(read('second__next')).toEqual([2, 4]);
  expect(read('same')).toEqual([1, 2]);
  expect(read('two')).toEqual([2]);
  await session.release();
});

test('names of the graph never meet names that the writer makes up', async () => {
  const builder = new GraphBuilder();
  const x = builder.input('t0', [2, 2]);
  const y = builder.state('t1', [2, 2]);
  builder.assign(y, matMul(x, y, { transposeB: true }));
  builder.output('t2', add(x, matMul(y, y)));
  const session = await load(builder.build());
  expect(session.inputNames).toEqual(['t0', 't1']);
  expect(session.outputNames).toEqual(['t2', 't1__next']);
  await session.release();
});

test('refuses an output that has the name of a next state', () => {
  const builder = new GraphBuilder();
  const a = builder.state('a', [1]);
  builder.assign(a, relu(a));
  builder.output('a__next', a);
  expect(() => writeOnnx(builder.build())).toThrow(OnnxError);
  expect(() => writeOnnx(builder.build())).toThrow(/"a__next" would stand for two tensors/);
});

test('the same graph gives the same bytes', () => {
  expect(writeOnnx(classifier().build())).toEqual(writeOnnx(classifier().build()));
});
