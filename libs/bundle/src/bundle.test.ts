import { INPUT, costOf, mobileNetV2, resNet, type ConvLayer, type Layer, type Network } from '#network';
import { subnetOf } from '#pruning';
import { BundleError, readBundle, writeBundle, type BundleManifest } from './index.js';
import { EVERY_LAYER } from './testing/every-layer.js';
import { forgeManifest } from './testing/forge.js';
import { headerOf } from './testing/header-of.js';
import { noisyFamily } from './testing/noisy-family.js';
import { VERSION_1_BUNDLE } from './testing/version-1.js';

const CIFAR = { channels: 3, height: 32, width: 32 };
const METADATA = { accuracies: [{ ratio: 0, accuracy: 0.9876 }], dataset: 'größe-0', job: null };

const network = resNet({ depth: 8, input: CIFAR, classes: 7, widthMultiplier: 0.25 });
const family = noisyFamily(network, [0, 0.3, 0.6]);
const bytes = writeBundle(family, METADATA);

describe('a bundle', () => {
  test('gives back exactly the family and the manifest that went in', () => {
    const read = readBundle(bytes);
    expect(read.family).toEqual(family);
    expect(read.digest).toBe(headerOf(bytes).metadata['digest']);
    expect(read.addenda).toEqual([]);
    expect(read.manifest.metadata).toEqual(METADATA);
    expect(read.manifest.network).toEqual(network);
    expect(writeBundle(read.family, read.manifest.metadata)).toEqual(bytes);
    for (const { ratio } of family.members) {
      expect(subnetOf(read.family, ratio)).toEqual(subnetOf(family, ratio));
    }
  });

  test('gives back a family with depthwise convolutions and ReLU6', () => {
    const mobile = noisyFamily(mobileNetV2({ input: CIFAR, classes: 3, widthMultiplier: 0.125 }), [0, 0.5]);
    expect(readBundle(writeBundle(mobile, METADATA)).family).toEqual(mobile);
  });

  test('gives back a family with every kind of layer', () => {
    const every = noisyFamily(EVERY_LAYER, [0, 0.5]);
    expect(readBundle(writeBundle(every, METADATA)).family).toEqual(every);
  });

  test('gives back a family with a concatenation', () => {
    const conv = (name: string, input: string): ConvLayer => {
      return { kind: 'conv', name, input, outChannels: 6, kernel: 1, stride: 1, padding: 0 };
    };
    const concatenating: Network = {
      ...{ name: 'n', input: CIFAR, classes: 3 },
      layers: [
        ...[conv('a', INPUT), conv('b', 'a')],
        { kind: 'concat', name: 'ab', inputs: ['a', INPUT, 'b'] },
        { kind: 'batch-norm', name: 'ab.bn', input: 'ab' },
        { kind: 'global-average-pool', name: 'pool', input: 'ab.bn' },
        { kind: 'dense', name: 'classifier', input: 'pool', outFeatures: 3 },
      ],
    };
    const concatenated = noisyFamily(concatenating, [0, 0.5]);
    expect(readBundle(writeBundle(concatenated, METADATA)).family).toEqual(concatenated);
  });

  test('can be read from the middle of a larger buffer', () => {
    const larger = new Uint8Array(bytes.length + 20).fill(7);
    larger.set(bytes, 3);
    expect(readBundle(larger.subarray(3, 3 + bytes.length)).family).toEqual(family);
  });

  test('of ResNet-20 with four ratios takes at most 1.05 times its dense float32 weights', () => {
    const resnet20 = resNet({ depth: 20, input: CIFAR, classes: 10 });
    const size = writeBundle(noisyFamily(resnet20, [0, 0.3, 0.5, 0.7]), METADATA).length;
    const dense = 4 * costOf(resnet20).parameters;
    expect(size).toBeGreaterThan(dense);
    expect(size).toBeLessThanOrEqual(1.05 * dense);
  });

  test('is a valid safetensors file: sized JSON header, 8-aligned, tensors without gaps', () => {
    const { length, text, metadata, tensors } = headerOf(bytes);
    expect((8 + length) % 8).toBe(0);
    expect(text.startsWith('{')).toBe(true);
    expect(Object.values(metadata).every((value) => typeof value === 'string')).toBe(true);
    let end = 0;
    for (const { dtype, shape, data_offsets } of Object.values(tensors)) {
      expect(dtype).toBe('F32');
      expect(data_offsets[0]).toBe(end);
      end += 4 * shape.reduce((a, b) => a * b, 1);
      expect(data_offsets[1]).toBe(end);
    }
    expect(8 + length + end).toBe(bytes.length);
    const first = new DataView(bytes.buffer, 8 + length).getFloat32(0, true);
    expect(first).toBe(family.parameters['stem.weight']!.data[0]);
  });
});

describe('readBundle refuses', () => {
  const refuse = (file: Uint8Array, message: RegExp) => {
    expect(() => readBundle(file)).toThrow(BundleError);
    expect(() => readBundle(file)).toThrow(message);
  };

  test('a file cut anywhere', () => {
    for (const length of [0, 5, 8, 100, bytes.length - 4, bytes.length - 1]) {
      refuse(bytes.slice(0, length), /too few|should end|header|within the file|end at byte/);
    }
  });

  test('a file with a byte more', () => {
    refuse(Uint8Array.from([...bytes, 0]), /the tensors end at byte \d+ of the data, expected \d+/);
  });

  test('one bit that changed, in a weight or in the manifest', () => {
    const inWeight = bytes.slice();
    inWeight[bytes.length - 5]! ^= 1;
    refuse(inWeight, /altered: its digest is [0-9a-f]{64}, expected [0-9a-f]{64}/);
    refuse(replaced(bytes, '0.9876', '0.9976'), /was altered/);
  });

  test('another format, another version and a digest that is missing', () => {
    refuse(
      replaced(bytes, '"version":"1"', '"version":"2"'),
      /its format is isochron-bundle version 2, expected isochron-bundle version 1/,
    );
    refuse(replaced(bytes, 'isochron-bundle', 'isochron-bungle'), /format is isochron-bungle/);
    refuse(replaced(bytes, '"digest"', '"digesd"'), /was altered/);
  });

  test('something else altogether', () => {
    refuse(new TextEncoder().encode('{"hello": "world, this is no bundle"}'), /should end at byte/);
  });

  test('tensors that do not fit the network, although the digest is right', () => {
    const wider = resNet({ depth: 8, input: CIFAR, classes: 8, widthMultiplier: 0.25 });
    refuse(
      writeBundle({ ...family, network: wider }, METADATA),
      /"classifier.weight": expected \[16, 8\], found \[16, 7\]/,
    );
    const rest = { ...family.parameters };
    delete rest['stem.weight'];
    refuse(
      writeBundle({ ...family, parameters: rest }, METADATA),
      /"stem.weight": expected .* found nothing/,
    );
    const extra = { ...family.parameters, extra: { shape: [1], data: Float32Array.of(1) } };
    refuse(writeBundle({ ...family, parameters: extra }, METADATA), /"extra" belongs to nothing/);
  });

  test('a network that cannot be', () => {
    const reversed = forgeManifest<BundleManifest>(bytes, ({ network: { layers, ...rest }, ...others }) => ({
      network: { ...rest, layers: layers.toReversed() },
      ...others,
    }));
    refuse(
      reversed,
      /describes no family: layer "classifier": input "pool" is not the name of a layer before it/,
    );
    const doubled = forgeManifest<BundleManifest>(bytes, ({ network, ...others }) => {
      const [stem, ...layers] = network.layers;
      let input = stem!.name;
      const doubling = Array.from({ length: 60 }, (_, i): Layer => {
        const name = `double${i}`;
        const layer: Layer = { kind: 'concat', name, inputs: [input, input] };
        input = name;
        return layer;
      });
      return { network: { ...network, layers: [stem!, ...doubling, ...layers] }, ...others };
    });
    refuse(doubled, /"double16": the layers up to here have more than 1000000 output channels together/);
  });
});

test('a bundle of the first release is read, and its family is written as it was', () => {
  const { family: tiny, manifest, digest } = readBundle(VERSION_1_BUNDLE);
  expect(digest).toBe('18380427847354139d53765691e12defb3ed802c10dea6435a0673450ad98b65');
  expect(tiny.members.map(({ ratio, derived }) => [ratio, derived])).toEqual([
    [0, undefined],
    [0.25, true],
    [0.5, undefined],
  ]);
  expect(Buffer.from(writeBundle(tiny, manifest.metadata))).toEqual(VERSION_1_BUNDLE);
});

/** The file with one text of its header replaced by another of the same length. */
function replaced(file: Uint8Array, from: string, to: string): Uint8Array {
  const copy = Buffer.from(file);
  const at = copy.indexOf(from);
  expect(at).toBeGreaterThan(0);
  copy.write(to, at, 'latin1');
  return new Uint8Array(copy);
}
