import {
  INPUT,
  NetworkError,
  costOf,
  denseWidths,
  deriveChannelGroups,
  deriveShapes,
  sliceNetwork,
  type Layer,
  type Network,
} from './index.js';

const conv = (name: string, input: string, outChannels: number, more: object = {}): Layer => ({
  ...{ kind: 'conv', name, input, outChannels, kernel: 1, stride: 1, padding: 0 },
  ...more,
});
const concat = (name: string, ...inputs: string[]): Layer => ({ kind: 'concat', name, inputs });
const add = (name: string, a: string, b: string): Layer => ({ kind: 'add', name, inputs: [a, b] });
const pool = (name: string, input: string): Layer => ({ kind: 'global-average-pool', name, input });
const fc = (input: string): Layer => ({ kind: 'dense', name: 'fc', input, outFeatures: 2 });
const exactly = (...layers: Layer[]): Network => ({
  ...{ name: 'n', input: { channels: 3, height: 4, width: 5 }, classes: 2 },
  layers,
});
const networkOf = (...layers: Layer[]): Network =>
  exactly(...layers, pool('gap', layers.at(-1)!.name), fc('gap'));

test('a concatenation has the channels of its inputs, each still of its own group', () => {
  const network = networkOf(conv('a', INPUT, 4), conv('b', 'a', 2), concat('c', 'b', INPUT, 'a', 'b'));
  expect(deriveShapes(network).get('c')).toEqual({ channels: 11, height: 4, width: 5 });
  const { groups, segmentsOf, groupOf } = deriveChannelGroups(network);
  expect(groups.map((group) => group.name)).toEqual(['a', 'b']);
  const segments = [{ size: 2, group: 'b' }, { size: 3 }, { size: 4, group: 'a' }, { size: 2, group: 'b' }];
  expect(segmentsOf.get('c')).toEqual(segments);
  expect(segmentsOf.get('gap')).toEqual(segments);
  expect(segmentsOf.get(INPUT)).toEqual([{ size: 3 }]);
  expect(groupOf.has('c')).toBe(false);
});

test('slicing removes channels from every place that reads the concatenation', () => {
  const network = networkOf(
    conv('a', INPUT, 4),
    conv('b', INPUT, 6),
    concat('c', 'a', 'b'),
    conv('d', 'c', 10, { groups: 'depthwise', kernel: 3, padding: 1 }),
    conv('e', 'd', 5),
  );
  expect(denseWidths(network)).toEqual({ a: 4, b: 6, e: 5 });
  expect(deriveChannelGroups(network).groups.map(({ producers }) => producers)).toEqual([
    ['a', 'd'],
    ['b', 'd'],
    ['e'],
  ]);
  const small = sliceNetwork(network, { a: 1, b: 2, e: 5 });
  expect(deriveShapes(small).get('d')!.channels).toBe(3);
  expect(denseWidths(small)).toEqual({ a: 1, b: 2, e: 5 });
  // a and b read 3 channels, d has 9 taps on each of 3, e reads 3; 20 pixels, and the classifier.
  expect(costOf(small).macs).toBe(20 * (3 * 3 + 3 * 9 + 3 * 5) + 5 * 2);
});

describe('a sum of concatenations', () => {
  test('ties segments of one place and size', () => {
    const network = networkOf(
      ...[conv('a', INPUT, 4), conv('b', INPUT, 2), conv('c', INPUT, 4), conv('d', INPUT, 2)],
      ...[concat('ab', 'a', 'b'), concat('cd', 'c', 'd'), add('sum', 'ab', 'cd'), conv('e', 'sum', 3)],
    );
    const { groups, segmentsOf } = deriveChannelGroups(network);
    expect(groups.map(({ producers }) => producers)).toEqual([['a', 'c'], ['b', 'd'], ['e']]);
    expect(segmentsOf.get('sum')).toEqual([
      { size: 4, group: 'a' },
      { size: 2, group: 'b' },
    ]);
  });

  test('leaves what lies under other boundaries unpruned, and only that', () => {
    const network = networkOf(
      ...[conv('a', INPUT, 4), conv('b', INPUT, 2), conv('c', INPUT, 3), conv('d', INPUT, 1)],
      ...[conv('e', INPUT, 2), concat('left', 'b', 'a'), concat('right', 'e', 'c', 'd')],
      ...[add('sum', 'left', 'right'), conv('f', 'sum', 3)],
    );
    const { groups, segmentsOf } = deriveChannelGroups(network);
    expect(groups.map(({ producers }) => producers)).toEqual([['b', 'e'], ['f']]);
    expect(segmentsOf.get('sum')).toEqual([{ size: 2, group: 'b' }, { size: 4 }]);
    expect(segmentsOf.get('right')).toEqual([{ size: 2, group: 'b' }, { size: 4 }]);
    expect(deriveShapes(sliceNetwork(network, { b: 1, f: 3 })).get('sum')!.channels).toBe(5);
  });

  test('with a convolution of all their channels prunes none of them', () => {
    const network = networkOf(
      ...[conv('a', INPUT, 4), conv('b', INPUT, 2), concat('ab', 'a', 'b')],
      ...[conv('c', 'ab', 6), add('sum', 'ab', 'c')],
    );
    expect(deriveChannelGroups(network).groups).toEqual([]);
  });
});

test('a convolution in groups prunes nothing of the concatenation that it reads', () => {
  const network = networkOf(
    ...[conv('a', INPUT, 4), conv('b', INPUT, 2), concat('ab', 'a', 'b')],
    ...[conv('c', 'ab', 4, { groups: 2 }), conv('d', 'c', 3)],
  );
  expect(denseWidths(network)).toEqual({ d: 3 });
});

describe('deriveShapes refuses', () => {
  test.each<[string, Network, RegExp]>([
    [
      'a concatenation of one layer',
      networkOf(conv('a', INPUT, 4), concat('c', 'a')),
      /"c": a concatenation needs two inputs at least, got 1/,
    ],
    [
      'images of different sizes side by side',
      networkOf(conv('a', INPUT, 4, { stride: 2 }), concat('c', 'a', INPUT)),
      /"c": cannot concatenate \[4, 2, 3\] with \[3, 4, 5\]: expected the same height and width$/,
    ],
    [
      'a vector beside images of one pixel',
      exactly(conv('a', INPUT, 4, { stride: 5 }), pool('g', INPUT), concat('c', 'a', 'g'), fc('c')),
      /"c": cannot concatenate \[4, 1, 1\] with \[3\]: expected only images or only vectors$/,
    ],
    [
      'a sum of a vector and an image of one pixel',
      exactly(conv('a', INPUT, 3, { stride: 5 }), pool('g', INPUT), add('s', 'a', 'g'), fc('s')),
      /"s": cannot add \[3, 1, 1\] and \[3\]/,
    ],
    [
      'a classifier of images of one pixel',
      exactly(conv('a', INPUT, 4, { stride: 5 }), fc('a')),
      /"fc": dense needs a pooled input, got \[4, 1, 1\]/,
    ],
    [
      'a convolution of a vector',
      exactly(pool('g', INPUT), conv('a', 'g', 4), fc('a')),
      /"a": conv needs images, got the vector \[3\]/,
    ],
  ])('%s', (_, network, message) => {
    expect(() => deriveShapes(network)).toThrow(NetworkError);
    expect(() => deriveShapes(network)).toThrow(message);
  });
});
