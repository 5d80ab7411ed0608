import {
  INPUT,
  NetworkError,
  costOf,
  denseWidths,
  deriveChannelGroups,
  deriveShapes,
  sliceNetwork,
  type ConvLayer,
  type Layer,
  type Network,
  type PoolLayer,
} from './index.js';

const conv = (name: string, input: string, outChannels: number, more: Partial<ConvLayer> = {}): Layer => ({
  kind: 'conv',
  name,
  input,
  outChannels,
  kernel: 3,
  stride: 1,
  padding: 1,
  ...more,
});
const pool = (input: string, more: Partial<PoolLayer> = {}): Layer => ({
  kind: 'max-pool',
  name: 'pool',
  input,
  kernel: 3,
  stride: 2,
  padding: 1,
  ...more,
});
const add = (name: string, a: string, b: string): Layer => ({ kind: 'add', name, inputs: [a, b] });
/** The layers with a classifier of two classes behind the last one. */
const networkOf = (...layers: Layer[]): Network => ({
  name: 'n',
  input: { channels: 6, height: 9, width: 8 },
  classes: 2,
  layers: [
    ...layers,
    { kind: 'global-average-pool', name: 'gap', input: layers.at(-1)!.name },
    { kind: 'dense', name: 'fc', input: 'gap', outFeatures: 2 },
  ],
});
const CLASSIFIER = (channels: number) => ({ macs: 2 * channels, parameters: 2 * channels + 2 });

describe('a convolution', () => {
  test('with dilation reaches further and costs the same per pixel', () => {
    const network = networkOf(conv('a', INPUT, 4, { dilation: 2, stride: 2 }));
    expect(deriveShapes(network).get('a')).toEqual({ channels: 4, height: 4, width: 3 });
    const weights = 4 * 6 * 9;
    expect(costOf(network)).toEqual({
      macs: weights * 12 + CLASSIFIER(4).macs,
      parameters: weights + CLASSIFIER(4).parameters,
    });
  });

  test('in groups reads a share of its channels per filter, and nothing around it is pruned', () => {
    const network = networkOf(conv('a', INPUT, 8), conv('b', 'a', 4, { groups: 2 }), conv('c', 'b', 5));
    const weights = 8 * 6 * 9 + 4 * 4 * 9 + 5 * 4 * 9;
    expect(costOf(network).parameters).toBe(weights + CLASSIFIER(5).parameters);
    expect(costOf(network).macs).toBe(weights * 72 + CLASSIFIER(5).macs);
    const { groups, groupOf } = deriveChannelGroups(network);
    expect(groups.map((group) => group.name)).toEqual(['c']);
    expect([...groupOf.keys()]).toEqual(['c', 'gap']);
    const sliced = sliceNetwork(network, { c: 2 });
    expect(deriveShapes(sliced).get('b')!.channels).toBe(4);
    expect(deriveShapes(sliced).get('c')!.channels).toBe(2);
  });

  test('by channel costs its taps alone, and is sliced with its input', () => {
    const network = networkOf(conv('a', INPUT, 8), conv('b', 'a', 8, { groups: 'depthwise', stride: 2 }));
    const pixels = 5 * 4;
    expect(costOf(network).macs).toBe(8 * 6 * 9 * 72 + 8 * 9 * pixels + CLASSIFIER(8).macs);
    expect(costOf(network).parameters).toBe(8 * 6 * 9 + 8 * 9 + CLASSIFIER(8).parameters);
    expect(deriveChannelGroups(network).groups).toEqual([{ name: 'a', channels: 8, producers: ['a', 'b'] }]);
    const sliced = sliceNetwork(network, { a: 3 });
    expect(deriveShapes(sliced).get('b')).toEqual({ channels: 3, height: 5, width: 4 });
    expect(costOf(sliced).macs).toBe(3 * 6 * 9 * 72 + 3 * 9 * pixels + CLASSIFIER(3).macs);
  });
});

describe('a pool', () => {
  test.each([
    [{}, { height: 5, width: 4 }],
    [
      { kernel: 2, padding: 0 },
      { height: 4, width: 4 },
    ],
    [
      { kernel: 4, stride: 1, padding: 0 },
      { height: 6, width: 5 },
    ],
  ])('of %j keeps channels and their group', (window, sides) => {
    const network = networkOf(conv('a', INPUT, 4), pool('a', window));
    expect(deriveShapes(network).get('pool')).toEqual({ channels: 4, ...sides });
    expect(deriveChannelGroups(network).groupOf.get('pool')).toBe('a');
    expect(costOf(network).parameters).toBe(4 * 6 * 9 + CLASSIFIER(4).parameters);
  });
});

test('channels that are tied to the images are not pruned', () => {
  const tied = networkOf(conv('a', INPUT, 6), add('sum', 'a', INPUT), conv('b', 'sum', 4));
  expect(denseWidths(tied)).toEqual({ b: 4 });
  expect(denseWidths(networkOf(conv('a', INPUT, 6, { groups: 'depthwise' }), conv('b', 'a', 4)))).toEqual({
    b: 4,
  });
});

describe('deriveShapes names the layer at fault', () => {
  test.each<[string, Network, RegExp]>([
    [
      'groups that do not divide the channels',
      networkOf(conv('a', INPUT, 8, { groups: 4 })),
      /"a": 4 groups do not divide 6 input and 8 output channels/,
    ],
    [
      'a depthwise convolution that adds channels',
      networkOf(conv('a', INPUT, 12, { groups: 'depthwise' })),
      /"a": a depthwise convolution of 6 channels cannot give 12 channels/,
    ],
    [
      'a dilated kernel larger than its input',
      networkOf(conv('a', INPUT, 4, { dilation: 5 })),
      /"a": a 3x3 kernel does not fit its \[6, 9, 8\] input \(padding 1, dilation 5\)/,
    ],
    [
      'a window larger than its input',
      networkOf(pool(INPUT, { kernel: 9, padding: 0 })),
      /"pool": a 9x9 kernel does not fit its \[6, 9, 8\] input/,
    ],
    [
      'windows of padding alone',
      networkOf(pool(INPUT, { kernel: 2, padding: 2 })),
      /"pool": padding 2 would give its 2x2 windows no pixel/,
    ],
    [
      'a stride of 0',
      networkOf(conv('a', INPUT, 4, { stride: 0 })),
      /"a": stride 0: expected an integer of at least 1$/,
    ],
    [
      'half a tap',
      networkOf(pool(INPUT, { kernel: 2.5 })),
      /"pool": kernel 2.5: expected an integer of at least 1$/,
    ],
    [
      'padding that takes away',
      networkOf(conv('a', INPUT, 4, { padding: -1 })),
      /"a": padding -1: expected an integer of at least 0$/,
    ],
    ['no channels', networkOf(conv('a', INPUT, 0)), /"a": outChannels 0: expected an integer of at least 1$/],
  ])('%s', (_, network, message) => {
    expect(() => deriveShapes(network)).toThrow(NetworkError);
    expect(() => deriveShapes(network)).toThrow(message);
  });
});
