import {
  INPUT,
  costOf,
  deriveChannelGroups,
  mobileNetV2,
  resNet,
  sliceNetwork,
  type ConvLayer,
  type Network,
} from '#network';
import { randomSubnet, solveThresholds, subnetOf, type BatchNormState, type Family } from '#pruning';
import { BundleError, readBundle, writeBundle } from './index.js';

const CIFAR = { channels: 3, height: 32, width: 32 };
const METADATA = { accuracies: [{ ratio: 0, accuracy: 0.9876 }], dataset: 'größe-0', job: null };

/** Values that differ everywhere; the last bits matter. */
const noise = (length: number, seed: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(seed + i * 1.7) / 3);

function familyOf(network: Network, ratios: readonly number[]): Family {
  const { groups } = deriveChannelGroups(network);
  const mask = Object.fromEntries(
    groups.map((group, index) => [group.name, noise(group.channels, index).sort((a, b) => b - a)]),
  );
  const solutions = solveThresholds(network, mask, ratios, { minChannels: 1, channelMultiple: 1 });
  const members = solutions.map(({ ratio, threshold, widths }, member) => {
    const { batchNorm } = randomSubnet(network, widths, 1);
    const filled: BatchNormState = {};
    Object.entries(batchNorm).forEach(([name, { scale }], layer) => {
      const values = (row: number) => noise(scale.length, member * 1000 + layer * 10 + row);
      filled[name] = { scale: values(0), shift: values(1), mean: values(2), variance: values(3) };
    });
    return { ratio, threshold, widths, cost: costOf(sliceNetwork(network, widths)), batchNorm: filled };
  });
  const dense = Object.fromEntries(groups.map((group) => [group.name, group.channels]));
  return { network, parameters: randomSubnet(network, dense, 5).parameters, mask, members };
}

const network = resNet({ depth: 8, input: CIFAR, classes: 7, widthMultiplier: 0.25 });
const family = familyOf(network, [0, 0.3, 0.6]);
const bytes = writeBundle(family, METADATA);
interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}
const headerOf = (file: Uint8Array) => {
  const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true));
  const text = new TextDecoder().decode(file.subarray(8, 8 + length));
  return { length, text, json: JSON.parse(text) as Record<string, Entry> };
};

describe('a bundle', () => {
  test('gives back exactly the family and the manifest that went in', () => {
    const read = readBundle(bytes);
    expect(read.family).toEqual(family);
    expect(read.manifest.metadata).toEqual(METADATA);
    expect(read.manifest.network).toEqual(network);
    expect(writeBundle(read.family, read.manifest.metadata)).toEqual(bytes);
    for (const { ratio } of family.members) {
      expect(subnetOf(read.family, ratio)).toEqual(subnetOf(family, ratio));
    }
  });

  test('gives back a family with depthwise convolutions and ReLU6', () => {
    const mobile = familyOf(mobileNetV2({ input: CIFAR, classes: 3, widthMultiplier: 0.125 }), [0, 0.5]);
    expect(readBundle(writeBundle(mobile, METADATA)).family).toEqual(mobile);
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
    const concatenated = familyOf(concatenating, [0, 0.5]);
    expect(readBundle(writeBundle(concatenated, METADATA)).family).toEqual(concatenated);
  });

  test('can be read from the middle of a larger buffer', () => {
    const larger = new Uint8Array(bytes.length + 20).fill(7);
    larger.set(bytes, 3);
    expect(readBundle(larger.subarray(3, 3 + bytes.length)).family).toEqual(family);
  });

  test('of ResNet-20 with four ratios takes at most 1.05 times its dense float32 weights', () => {
    const resnet20 = resNet({ depth: 20, input: CIFAR, classes: 10 });
    const size = writeBundle(familyOf(resnet20, [0, 0.3, 0.5, 0.7]), METADATA).length;
    const dense = 4 * costOf(resnet20).parameters;
    expect(size).toBeGreaterThan(dense);
    expect(size).toBeLessThanOrEqual(1.05 * dense);
  });

  test('is a valid safetensors file: sized JSON header, 8-aligned, tensors without gaps', () => {
    const { length, text, json } = headerOf(bytes);
    expect((8 + length) % 8).toBe(0);
    expect(text.startsWith('{')).toBe(true);
    expect(Object.values(json['__metadata__']!).every((value) => typeof value === 'string')).toBe(true);
    delete json['__metadata__'];
    let end = 0;
    for (const { dtype, shape, data_offsets } of Object.values(json)) {
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
    refuse(inWeight, /digest [0-9a-f]{64}: expected [0-9a-f]{64}/);
    refuse(replaced(bytes, '0.9876', '0.9976'), /was altered/);
  });

  test('another format, another version and a digest that is missing', () => {
    refuse(
      replaced(bytes, '"version":"1"', '"version":"2"'),
      /version 2: expected isochron-bundle version 1/,
    );
    refuse(replaced(bytes, 'isochron-bundle', 'isochron-bungle'), /format isochron-bungle/);
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
    const noLayers = { ...network, layers: [] };
    refuse(
      writeBundle({ ...family, network: noLayers, members: [] }, METADATA),
      /describes no family: NetworkError/,
    );
  });
});

/** The file with one text of its header replaced by another of the same length. */
function replaced(file: Uint8Array, from: string, to: string): Uint8Array {
  const copy = Buffer.from(file);
  const at = copy.indexOf(from);
  expect(at).toBeGreaterThan(0);
  copy.write(to, at, 'latin1');
  return new Uint8Array(copy);
}
