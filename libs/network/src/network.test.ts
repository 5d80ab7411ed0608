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
  // What is published has identity shortcuts with zeros for the channels that are new (option A); ours are projected by
  // two 1x1 convolutions, 16 to 32 channels at 16x16 pixels and 32 to 64 at 8x8, each with its BatchNorm.
  const PROJECTIONS = {
    parameters: 16 * 32 + 2 * 32 + (32 * 64 + 2 * 64),
    macs: 16 * 32 * 16 * 16 + 32 * 64 * 8 * 8,
  };

  // He et al. 2016 (arXiv 1512.03385), table 6.
  test.each([
    [20, '0.27'],
    [32, '0.46'],
    [44, '0.66'],
    [56, '0.85'],
  ])('of depth %i has the %s M parameters published, and projections', (depth, published) => {
    const { parameters } = costOf(resNet({ depth, input: CIFAR, classes: 10 }));
    expect(((parameters - PROJECTIONS.parameters) / 1e6).toFixed(2)).toBe(published);
  });

  // The unpruned networks of Lin et al. 2023 (KDFS, arXiv 2307.00198); its "FLOPs" are multiply-accumulates.
  test.each([
    [56, '125.49'],
    [110, '252.89'],
  ])('of depth %i has the %s M MACs published, and projections', (depth, published) => {
    const { macs } = costOf(resNet({ depth, input: CIFAR, classes: 10 }));
    expect(((macs - PROJECTIONS.macs) / 1e6).toFixed(2)).toBe(published);
  });

  test('refuses depths that are not 6n + 2 and multipliers that leave no channel', () => {
    expect(() => resNet({ depth: 21, input: CIFAR, classes: 10 })).toThrow(
      'resnet depth 21: expected 6n + 2, such as 8, 14, 20',
    );
    const least = 1 / 32;
    const narrow = (widthMultiplier: number) =>
      resNet({ depth: 8, input: CIFAR, classes: 10, widthMultiplier });
    expect(() => narrow(0.01)).toThrow(
      `resnet width multiplier 0.01 leaves a stage without channels: expected at least ${least}`,
    );
    expect(deriveShapes(narrow(least)).get('stem')!.channels).toBe(1);
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

  test('takes names that every object has', () => {
    const odd = networkOf(
      conv('constructor', INPUT, 4),
      conv('toString', 'constructor', 6),
      { kind: 'global-average-pool', name: 'valueOf', input: 'toString' },
      dense('valueOf'),
    );
    expect(denseWidths(odd)).toEqual({ constructor: 4, toString: 6 });
    expect(denseWidths(sliceNetwork(odd, { constructor: 3, toString: 5 }))).toEqual({
      constructor: 3,
      toString: 5,
    });
    expect(() => sliceNetwork(odd, {})).toThrow(
      'group "constructor": width undefined is not an integer in 1..4',
    );
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
