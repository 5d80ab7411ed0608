import { InferenceSession, Tensor } from 'onnxruntime-node';
import { createExecutor } from '#engine';
import { resNet } from '#network';
import { deriveMember, subnetOf } from '#pruning';
import {
  applyAddendum,
  exportSubnet,
  readAddendum,
  readBundle,
  writeAddendum,
  writeBundle,
  type Bundle,
} from '../index.js';
import { differenceOf, imagesFor, trainedLogits } from '../testing/exported-networks.js';
import { solvedFamily } from '../testing/noisy-family.js';
import { readOnnx } from '../testing/read-onnx.js';

const network = resNet({
  ...{ depth: 8, input: { channels: 1, height: 12, width: 12 }, classes: 5, widthMultiplier: 0.5 },
});
const constraints = { minChannels: 1, channelMultiple: 1 };
const family = solvedFamily(network, [0, 0.3, 0.7], constraints);
const bundle = readBundle(writeBundle(family, {}));
const published = { model: 'digits', version: '3' };

test('a trained ratio as ONNX says what it is, where it comes from and what goes in and out', () => {
  const exported = exportSubnet(bundle, 0.3, { format: 'onnx', batch: 4 }, published);
  const properties = { model: 'digits', version: '3', ratio: '0.3', bundle: bundle.digest };
  expect(exported).toMatchObject({
    ...{ format: 'onnx', opset: 17, properties },
    input: { name: 'input', layout: 'NCHW', shape: [4, 1, 12, 12] },
    output: { name: 'logits', layout: 'NC', shape: [4, 5] },
  });
  const [file, ...others] = exported.files;
  expect(others).toEqual([]);
  expect(file!.name).toBe('model.onnx');
  expect(readOnnx(file!.bytes)).toMatchObject({
    ...{ opsets: { '': 17 }, properties, shapes: { input: [4, 1, 12, 12], logits: [4, 5] } },
  });
  const dynamic = exportSubnet(bundle, 0.3, { format: 'onnx', batch: 'dynamic', batchNorm: 'kept' });
  expect(dynamic.input.shape).toEqual([null, 1, 12, 12]);
  expect(dynamic.properties).toEqual({ ratio: '0.3', bundle: bundle.digest });
});

test('a trained ratio as TensorFlow.js has images with their channels last', () => {
  const exported = exportSubnet(bundle, 0.7, { format: 'tfjs' }, published);
  expect(exported).toMatchObject({
    format: 'tfjs',
    input: { name: 'input', layout: 'NHWC', shape: [null, 12, 12, 1] },
    output: { name: 'logits', layout: 'NC', shape: [null, 5] },
  });
  expect(exported).not.toHaveProperty('opset');
  expect(exported.files.map(({ name }) => name)).toEqual(['model.json', 'group1-shard1of1.bin']);
  const model = JSON.parse(Buffer.from(exported.files[0]!.bytes).toString()) as Record<string, unknown>;
  expect(model['userDefinedMetadata']).toEqual(exported.properties);
});

test('a ratio between, derived later and published as an addendum, gives the logits that the training engine gives', async () => {
  const executor = await createExecutor('onnxruntime', { threads: 1 });
  const images = imagesFor(network, 8);
  const batches = [{ images: images.data, labels: new Uint8Array(8) }];
  const member = await deriveMember(family, 0.5, {
    ...{ constraints, executor, batchSize: 8 },
    ...{ recalibrationBatches: 1, batches },
  });
  const members = [...family.members, member].sort((a, b) => a.ratio - b.ratio);
  const addendum = readAddendum(
    writeAddendum({ ...family, members }, { base: bundle.digest, ratios: [0.5], metadata: {} }),
  );
  const extended: Bundle = applyAddendum(bundle, addendum);
  const exported = exportSubnet(extended, 0.5, { format: 'onnx', batch: 'dynamic' });
  expect(exported.properties).toEqual({ ratio: '0.5', bundle: bundle.digest, addendum: addendum.digest });
  const session = await InferenceSession.create(exported.files[0]!.bytes, { intraOpNumThreads: 1 });
  const { logits } = await session.run({ input: new Tensor('float32', images.data, images.shape) });
  await session.release();
  const expected = await trainedLogits(subnetOf({ ...family, members }, 0.5), images);
  expect(differenceOf(logits!.data as Float32Array, expected)).toBeLessThanOrEqual(1e-4);
});

test('refuses a ratio that the bundle does not have', () => {
  expect(() => exportSubnet(bundle, 0.5, { format: 'tfjs' })).toThrow(
    'pruning ratio 0.5 is not in the family: expected one of 0, 0.3, 0.7',
  );
});
