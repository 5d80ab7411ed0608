import { InferenceSession, Tensor } from 'onnxruntime-node';
import { resNet, type Network } from '#network';
import { subnetOf } from '#pruning';
import { ONNX_OPSET, exportOnnx } from '../index.js';
import {
  EXPORTED_NETWORKS,
  differenceOf,
  imagesFor,
  trainedLogits,
  type Images,
} from '../testing/exported-networks.js';
import { noisyFamily } from '../testing/noisy-family.js';
import { readOnnx } from '../testing/read-onnx.js';

const RATIOS = [0, 0.3, 0.5, 0.7];
const BATCH = 3;
const FORMS = ['folded', 'kept'] as const;

async function run(model: Uint8Array, images: readonly Images[]): Promise<Tensor[]> {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1 });
  const results: Tensor[] = [];
  for (const { shape, data } of images) {
    const { logits } = await session.run({ input: new Tensor('float32', data, shape) });
    results.push(logits as Tensor);
  }
  await session.release();
  return results;
}

describe.each(EXPORTED_NETWORKS)('%s', (_, network: Network) => {
  const family = noisyFamily(network, RATIOS);
  const images = imagesFor(network, BATCH);
  const one = {
    shape: [1, ...images.shape.slice(1)],
    data: images.data.slice(0, images.data.length / BATCH),
  };

  test.each(RATIOS)(
    'at ratio %d gives the logits of the training engine, in every form and batch',
    async (ratio) => {
      const subnet = subnetOf(family, ratio);
      const expected = await trainedLogits(subnet, images);
      for (const batchNorm of FORMS) {
        const [fixed] = await run(exportOnnx(subnet, { batch: BATCH, batchNorm }), [images]);
        expect(fixed!.dims).toEqual([BATCH, network.classes]);
        expect(differenceOf(fixed!.data as Float32Array, expected)).toBeLessThanOrEqual(1e-4);
        const [many, single] = await run(exportOnnx(subnet, { batch: 'dynamic', batchNorm }), [images, one]);
        expect(many!.dims).toEqual([BATCH, network.classes]);
        expect(differenceOf(many!.data as Float32Array, expected)).toBeLessThanOrEqual(1e-4);
        expect(single!.dims).toEqual([1, network.classes]);
        expect(
          differenceOf(single!.data as Float32Array, expected.slice(0, network.classes)),
        ).toBeLessThanOrEqual(1e-4);
      }
    },
  );

  test('is a plain dense network: no masks, no gathers, nothing but its layers', () => {
    const kinds: Record<string, string[]> = {
      ...{ conv: ['Conv'], 'batch-norm': ['BatchNormalization'], add: ['Add'], concat: ['Concat'] },
      ...{ 'max-pool': ['MaxPool'], 'average-pool': ['AveragePool'], dense: ['Gemm'] },
      'global-average-pool': ['GlobalAveragePool', 'Flatten'],
    };
    const subnet = subnetOf(family, 0.5);
    const { nodes } = readOnnx(exportOnnx(subnet, { batch: 1, batchNorm: 'kept' }));
    expect(nodes.map(({ type }) => type)).toEqual(
      network.layers.flatMap((layer) =>
        layer.kind === 'relu' ? [layer.max === 6 ? 'Clip' : 'Relu'] : kinds[layer.kind]!,
      ),
    );
    const folded = readOnnx(exportOnnx(subnet, { batch: 1 })).nodes.map(({ type }) => type);
    const convolutions = folded.filter((type) => type === 'Conv').length;
    expect(convolutions).toBe(nodes.filter(({ type }) => type === 'Conv').length);
    expect(folded.length).toBeLessThan(nodes.length);
  });
});

const network = resNet({ depth: 8, input: { channels: 1, height: 12, width: 12 }, classes: 5 });
const subnet = subnetOf(noisyFamily(network, [0, 0.5]), 0.5);

test('a file states its operators’ version, where it comes from and what goes in and out', () => {
  const properties = { model: 'digits', version: '3', größe: '½' };
  const fixed = readOnnx(exportOnnx(subnet, { batch: 4, properties }));
  expect(ONNX_OPSET).toBe(17);
  expect(fixed.opsets).toEqual({ '': 17 });
  expect(fixed.irVersion).toBe(8);
  expect(fixed.properties).toEqual(properties);
  expect(fixed.shapes).toEqual({ input: [4, 1, 12, 12], logits: [4, 5] });
  const dynamic = readOnnx(exportOnnx(subnet, { batch: 'dynamic' }));
  expect(dynamic.shapes).toEqual({ input: ['batch', 1, 12, 12], logits: ['batch', 5] });
  expect(dynamic.properties).toEqual({});
});

test('values and weights are called after their layers', () => {
  const { nodes, constants } = readOnnx(exportOnnx(subnet, { batch: 1 }));
  expect(nodes[0]).toMatchObject({
    type: 'Conv',
    name: 'stem',
    inputs: ['input', 'stem.weight', 'stem.bias'],
    outputs: ['stem'],
  });
  expect(nodes.at(-1)).toMatchObject({ inputs: ['pool', 'classifier.weight', 'classifier.bias'] });
  expect(constants).toHaveLength(new Set(constants).size);
});

test('the same subnet gives the same bytes', () => {
  const again = subnetOf(noisyFamily(network, [0, 0.5]), 0.5);
  expect(exportOnnx(again, { batch: 'dynamic' })).toEqual(exportOnnx(subnet, { batch: 'dynamic' }));
});

test.each([0, -1, 1.5, NaN])('refuses a batch of %d', (batch) => {
  expect(() => exportOnnx(subnet, { batch })).toThrow(
    `batch: ${batch}, expected "dynamic" or an integer of at least 1`,
  );
});
