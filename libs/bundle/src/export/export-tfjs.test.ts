import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { resNet, type Network } from '#network';
import { subnetOf, type Subnet } from '#pruning';
import { exportOnnx, exportTfjs, type ExportedFile } from '../index.js';
import { EXPORTED_NETWORKS, differenceOf, imagesFor, type Images } from '../testing/exported-networks.js';
import { noisyFamily } from '../testing/noisy-family.js';

const BATCH = 2;

interface ModelJson {
  readonly modelTopology: tf.io.ModelJSON['modelTopology'];
  readonly weightsManifest: tf.io.WeightsManifestConfig;
  readonly userDefinedMetadata: Record<string, string>;
}

const modelJson = ([model]: readonly ExportedFile[]): ModelJson =>
  JSON.parse(Buffer.from(model!.bytes).toString()) as ModelJson;

/** Loads a model from its files as a browser would: by the names that its manifest gives them. */
async function load(files: readonly ExportedFile[]) {
  const json = modelJson(files);
  const weightData = json.weightsManifest.flatMap(({ paths }) =>
    paths.map((path) => Uint8Array.from(files.find(({ name }) => name === path)!.bytes).buffer),
  );
  const weightSpecs = json.weightsManifest.flatMap(({ weights }) => weights);
  return loadGraphModel(tf.io.fromMemory({ ...json, weightSpecs, weightData }));
}

/** [batch, channels, height, width] as [batch, height, width, channels]. */
const channelsLast = ({ shape, data }: Images) =>
  tf.tidy(() => tf.transpose(tf.tensor4d(data, shape as [number, number, number, number]), [0, 2, 3, 1]));

async function onnxLogits(subnet: Subnet, { shape, data }: Images): Promise<Float32Array> {
  const session = await InferenceSession.create(exportOnnx(subnet, { batch: 'dynamic' }), {
    intraOpNumThreads: 1,
  });
  const { logits } = await session.run({ input: new Tensor('float32', data, shape) });
  await session.release();
  return logits!.data as Float32Array;
}

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

// TensorFlow.js in plain JavaScript takes seconds for ResNet-20 on whole images.
const small = resNet({
  depth: 20,
  input: { channels: 3, height: 16, width: 16 },
  classes: 10,
  widthMultiplier: 0.5,
});
const NETWORKS = EXPORTED_NETWORKS.map(([name, network]): [string, Network] => [
  name,
  name === 'ResNet-20' ? small : network,
]);

describe.each(NETWORKS)('%s', (_, network) => {
  const family = noisyFamily(network, [0, 0.5]);

  test.each([
    [0, 'folded'],
    [0.5, 'folded'],
    [0.5, 'kept'],
  ] as const)('at ratio %d with BatchNorm %s gives the logits of onnxruntime', async (ratio, batchNorm) => {
    const subnet = subnetOf(family, ratio);
    const images = imagesFor(network, BATCH);
    const expected = await onnxLogits(subnet, images);
    const model = await load(exportTfjs(subnet, { batchNorm }));
    const input = channelsLast(images);
    const logits = model.predict({ input }) as tf.Tensor;
    expect(logits.shape).toEqual([BATCH, network.classes]);
    expect(differenceOf(await logits.data(), expected)).toBeLessThanOrEqual(1e-4);
    tf.dispose([input, logits]);
    model.dispose();
  });
});

const subnet = subnetOf(noisyFamily(small, [0, 0.5]), 0.5);

test('a model says what goes in and out and where it comes from', async () => {
  const properties = { model: 'digits', version: '3' };
  const files = exportTfjs(subnet, { properties });
  expect(modelJson(files).userDefinedMetadata).toEqual(properties);
  const model = await load(files);
  expect(model.inputs.map(({ name, shape, dtype }) => [name, shape, dtype])).toEqual([
    ['input', [-1, 16, 16, 3], 'float32'],
  ]);
  expect(model.outputs.map(({ name }) => name)).toEqual(['logits']);
  model.dispose();
});

test('weights are cut into files of 4 MiB at most', () => {
  const wide = resNet({ depth: 8, input: small.input, classes: 10, widthMultiplier: 5 });
  const [model, ...shards] = exportTfjs(subnetOf(noisyFamily(wide, [0]), 0));
  expect(model!.name).toBe('model.json');
  expect(shards.map(({ name, bytes }) => [name, bytes.length <= 4 * 1024 ** 2])).toEqual([
    ['group1-shard1of2.bin', true],
    ['group1-shard2of2.bin', true],
  ]);
  const { weights } = modelJson([model!]).weightsManifest[0]!;
  const values = weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  expect(shards.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBe(4 * values);
});

test('the same subnet gives the same bytes', () => {
  expect(exportTfjs(subnet)).toEqual(exportTfjs(subnet));
});
