import fc from 'fast-check';
import {
  INPUT,
  NetworkError,
  costOf,
  denseWidths,
  deriveChannelGroups,
  deriveShapes,
  resNet,
  sliceNetwork,
  type Layer,
  type Network,
} from './index.js';

const CIFAR = { channels: 3, height: 32, width: 32 };
const MNIST = { channels: 1, height: 28, width: 28 };
const dense = (input: string): Layer => ({ kind: 'dense', name: 'fc', input, outFeatures: 2 });
const networkOf = (...layers: Layer[]): Network => ({ name: 'n', input: MNIST, classes: 2, layers });
const conv = (name: string, input: string, outChannels: number, more: Partial<Layer> = {}): Layer =>
  ({ kind: 'conv', name, input, outChannels, kernel: 3, stride: 1, padding: 1, ...more }) as Layer;

describe('resNet', () => {
  test('has the parameters and MACs published for ResNet-20 and ResNet-56 (with 1x1 projections)', () => {
    // He et al. count 0.27 M and 0.85 M; the projections add 2,752 parameters to identity shortcuts' 269,722.
    expect(costOf(resNet({ depth: 20, input: CIFAR, classes: 10 }))).toEqual({
      parameters: 272_474,
      macs: 40_813_184,
    });
    expect(costOf(resNet({ depth: 56, input: CIFAR, classes: 10 })).parameters).toBe(855_770);
  });

  test('refuses depths that are not 6n + 2 and multipliers that leave no channel', () => {
    expect(() => resNet({ depth: 21, input: CIFAR, classes: 10 })).toThrow(/depth 21 is not 6n \+ 2/);
    expect(() => resNet({ depth: 8, input: CIFAR, classes: 10, widthMultiplier: 0.01 })).toThrow(
      /multiplier 0.01/,
    );
  });

  test('halves the image at stages two and three, rounding up odd sizes', () => {
    const shapes = deriveShapes(resNet({ depth: 8, input: { ...MNIST, height: 27 }, classes: 10 }));
    expect(shapes.get('stage1.block1.relu2')).toEqual({ channels: 16, height: 27, width: 28 });
    expect(shapes.get('stage3.block1.relu2')).toEqual({ channels: 64, height: 7, width: 7 });
    expect(shapes.get('classifier')).toEqual({ channels: 10, height: 1, width: 1 });
  });
});

describe('deriveChannelGroups', () => {
  test('ties what residual adds tie and leaves inner convolutions alone', () => {
    const { groups, groupOf } = deriveChannelGroups(resNet({ depth: 14, input: MNIST, classes: 10 }));
    expect(groups.map((g) => [g.name, g.producers.length, g.channels])).toEqual([
      ['stem', 3, 16], // stem and two blocks' second convolutions
      ['stage1.block1.conv1', 1, 16],
      ['stage1.block2.conv1', 1, 16],
      ['stage2.block1.conv1', 1, 32],
      ['stage2.block1.conv2', 3, 32], // with the projection
      ['stage2.block2.conv1', 1, 32],
      ['stage3.block1.conv1', 1, 64],
      ['stage3.block1.conv2', 3, 64],
      ['stage3.block2.conv1', 1, 64],
    ]);
    expect(groupOf.get('stage2.block1.shortcut')).toBe('stage2.block1.conv2');
    expect(groupOf.get('pool')).toBe('stage3.block1.conv2');
    expect(groupOf.has('classifier')).toBe(false);
  });
});

describe('sliceNetwork', () => {
  const network = resNet({ depth: 8, input: MNIST, classes: 10 });
  const { groups } = deriveChannelGroups(network);

  test('at full width is the network itself', () => {
    expect(sliceNetwork(network, denseWidths(network))).toEqual(network);
  });

  test('at any widths gives a valid network with those channels and no higher cost', () => {
    const widths = fc.record(
      Object.fromEntries(groups.map((g) => [g.name, fc.integer({ min: 1, max: g.channels })])),
    );
    fc.assert(
      fc.property(widths, (kept) => {
        const small = sliceNetwork(network, kept);
        expect(denseWidths(small)).toEqual(kept);
        expect(costOf(small).macs).toBeLessThanOrEqual(costOf(network).macs);
      }),
    );
  });

  test('names the group and the width that does not fit', () => {
    const widths = denseWidths(network);
    expect(() => sliceNetwork(network, { ...widths, stem: 0 })).toThrow(/"stem": width 0 .* 1\.\.16/);
    expect(() => sliceNetwork(network, { ...widths, stem: 17 })).toThrow(/"stem": width 17 .* 1\.\.16/);
    expect(() => sliceNetwork(network, {})).toThrow(/width undefined/);
  });
});

describe('deriveShapes names the layer at fault', () => {
  const pool = (input: string): Layer => ({ kind: 'global-average-pool', name: 'pool', input });
  test.each<[string, Network, RegExp]>([
    ['an unknown input', networkOf(conv('a', 'x', 4)), /"a": input "x" is not the name of a layer before it/],
    ['a name used twice', networkOf(conv('a', INPUT, 4), conv('a', 'a', 4)), /"a": the name is used twice/],
    [
      'an addition of different sizes',
      networkOf(conv('a', INPUT, 4), conv('b', INPUT, 5), { kind: 'add', name: 's', inputs: ['a', 'b'] }),
      /"s": cannot add \[4, 28, 28\] and \[5, 28, 28\]/,
    ],
    [
      'a kernel larger than its input',
      networkOf(conv('a', INPUT, 4, { kernel: 31, padding: 0 })),
      /"a": a 31x31 kernel does not fit its \[1, 28, 28\] input/,
    ],
    [
      'a dense layer on an image',
      networkOf(conv('a', INPUT, 4), dense('a')),
      /"fc": dense needs a pooled input/,
    ],
    ['no classifier', networkOf(conv('a', INPUT, 4), pool('a')), /last layer must be dense with 2 features/],
    ['no layer', networkOf(), /found no layer/],
  ])('%s', (_, network, message) => {
    expect(() => deriveShapes(network)).toThrow(NetworkError);
    expect(() => deriveShapes(network)).toThrow(message);
  });
});
