import * as ort from 'onnxruntime-node';
import { evaluate } from '#engine';
import {
  GraphBuilder,
  conv2d,
  gradients,
  logSoftmax,
  maxPool,
  mul,
  reduceSum,
  sizeOf,
  type Graph,
  type Shape,
  type Tensor,
  type Value,
} from '#graph';
import { writeOnnx } from '../write-onnx.js';

interface Case {
  readonly shapes: readonly Shape[];
  readonly build: (...inputs: Value[]) => Value;
}

const convolution = (shapes: Shape[], options: Parameters<typeof conv2d>[2]): Case => ({
  shapes,
  build: (x, w) => conv2d(x, w, options),
});
const pooling = (shape: Shape, options: Parameters<typeof maxPool>[1]): Case => ({
  shapes: [shape],
  build: (x) => maxPool(x, options),
});

const CASES: Readonly<Record<string, Case>> = {
  'a padded convolution': convolution(
    [
      [2, 3, 7, 5],
      [4, 3, 3, 3],
    ],
    { stride: 1, padding: 1 },
  ),
  'a strided convolution': convolution(
    [
      [1, 1, 8, 8],
      [5, 1, 3, 3],
    ],
    { stride: 2, padding: 1 },
  ),
  'a 1x1 convolution': convolution(
    [
      [2, 3, 5, 5],
      [4, 3, 1, 1],
    ],
    { stride: 2, padding: 0 },
  ),
  'a dilated convolution': convolution(
    [
      [2, 2, 9, 9],
      [3, 2, 3, 3],
    ],
    { stride: 1, padding: 2, dilation: 2 },
  ),
  'a grouped convolution': convolution(
    [
      [2, 6, 5, 5],
      [4, 3, 3, 3],
    ],
    { stride: 2, padding: 1, groups: 2 },
  ),
  'a depthwise convolution': convolution(
    [
      [2, 3, 6, 6],
      [6, 1, 3, 3],
    ],
    { stride: 2, padding: 1, groups: 3 },
  ),
  'max pooling': pooling([2, 3, 6, 4], { kernel: 2, stride: 2 }),
  'max pooling with windows that overlap': pooling([1, 2, 7, 6], { kernel: 3, stride: 2, padding: 1 }),
  'max pooling that leaves pixels out': pooling([2, 1, 5, 8], { kernel: 2, stride: 3 }),
  'a softmax of classes far apart': {
    shapes: [[3, 5]],
    build: (x) => logSoftmax(mul(x, x.builder.scalar(200))),
  },
};

test.each(Object.keys(CASES))('a model for WebGPU means the same: %s', async (name) => {
  const { shapes, build } = CASES[name]!;
  const { graph, feeds } = withGradients(shapes, build);
  const session = await ort.InferenceSession.create(writeOnnx(graph, { runtime: 'onnxruntime-webgpu' }));
  const tensors = Object.entries(feeds).map(
    ([input, { shape, data }]) => [input, new ort.Tensor('float32', data, shape)] as const,
  );
  const actual = await session.run(Object.fromEntries(tensors));
  for (const [output, { data }] of Object.entries(evaluate(graph, feeds).outputs)) {
    const scale = Math.max(...Array.from(data, Math.abs));
    const values = actual[output]!.data as Float32Array;
    const worst = Math.max(...Array.from(data, (value, i) => Math.abs(value - values[i]!)));
    expect({ output, close: worst <= 1e-5 * scale }).toEqual({ output, close: true });
  }
  await session.release();
});

test('of windows with several largest values the first gets the gradient', async () => {
  const { graph } = withGradients([[1, 1, 2, 4]], (x) => maxPool(x, { kernel: 2, stride: 2 }));
  const session = await ort.InferenceSession.create(writeOnnx(graph, { runtime: 'onnxruntime-webgpu' }));
  const images = new ort.Tensor('float32', Float32Array.of(0, 3, 5, 5, 3, 0, 5, 5), [1, 1, 2, 4]);
  const { gradient0 } = await session.run({ x0: images });
  const marked = Array.from(gradient0!.data as Float32Array, (value) => Number(value !== 0));
  expect(marked).toEqual([0, 1, 1, 0, 0, 0, 0, 0]);
  await session.release();
});

/** The output and the gradients of a loss that weights every element differently. */
function withGradients(shapes: readonly Shape[], build: Case['build']) {
  const builder = new GraphBuilder();
  const inputs = shapes.map((shape, i) => builder.input(`x${i}`, shape));
  const output = build(...inputs);
  const weights = builder.constant(noise(output.shape, 99));
  const loss = reduceSum(mul(output, weights), [...output.shape.keys()]);
  builder.output('output', output);
  for (const [i, gradient] of gradients(loss, inputs).entries()) builder.output(`gradient${i}`, gradient);
  const graph: Graph = builder.build();
  const feeds = Object.fromEntries(shapes.map((shape, i) => [`x${i}`, noise(shape, i + 1)] as const));
  return { graph, feeds };
}

function noise(shape: Shape, seed: number): Tensor {
  let state = seed * 7919;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  return { shape, data: Float32Array.from({ length: sizeOf(shape) }, next) };
}
