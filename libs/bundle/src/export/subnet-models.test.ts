import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Network } from '#network';
import { SubnetModels, exportSubnet, readBundle, readBundleInPlace, writeBundle } from '../index.js';
import { EXPORTED_NETWORKS, imagesFor } from '../testing/exported-networks.js';
import { noisyFamily } from '../testing/noisy-family.js';

const RATIOS = [0, 0.3, 0.7];

async function run(
  model: Uint8Array,
  { shape, data }: ReturnType<typeof imagesFor>,
  options?: object,
): Promise<unknown> {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, ...options });
  const { logits } = await session.run({ input: new Tensor('float32', data, shape) });
  await session.release();
  return logits!.data;
}

describe.each(EXPORTED_NETWORKS)('%s', (_, network: Network) => {
  const bytes = writeBundle(noisyFamily(network, RATIOS), {});
  const images = imagesFor(network, 2);

  test.each([2, 'dynamic'] as const)(
    'with weights beside the model gives what its exported file gives, to the bit (batch %s)',
    async (batch) => {
      const bundle = readBundle(bytes);
      const models = new SubnetModels(readBundleInPlace(Uint8Array.from(bytes)), batch);
      for (const ratio of [...RATIOS, 0]) {
        const { model, weights } = models.at(ratio);
        const [exported] = exportSubnet(bundle, ratio, { format: 'onnx', batch }).files;
        expect(model.length).toBeLessThan(exported!.bytes.length);
        const actual = await run(model, images, { externalData: weights });
        expect(actual).toEqual(await run(exported!.bytes, images));
      }
    },
  );

  test('read in place is the bundle that copying reads', () => {
    const file = Uint8Array.from(bytes);
    const { family, ...rest } = readBundleInPlace(file);
    expect({ ...rest, family }).toEqual(readBundle(bytes));
    for (const { data } of Object.values(family.parameters)) expect(data.buffer).toBe(file.buffer);
  });
});

test('a bundle whose bytes begin anywhere can be read in place', () => {
  const bytes = writeBundle(noisyFamily(EXPORTED_NETWORKS[0]![1], [0]), {});
  const shifted = new Uint8Array(bytes.length + 1);
  shifted.set(bytes, 1);
  expect(readBundleInPlace(shifted.subarray(1))).toEqual(readBundle(bytes));
});
