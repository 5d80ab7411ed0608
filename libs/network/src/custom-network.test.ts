import { INPUT, NetworkError, customNetwork, deriveChannelGroups, type LayerDescription } from './index.js';

const conv = (name: string, input: string, outChannels: number, more: object = {}): LayerDescription => ({
  ...{ kind: 'conv', name, input, outChannels, kernel: 3, stride: 1, padding: 1 },
  ...more,
});
const add = (name: string, a: string, b: string): LayerDescription => ({ kind: 'add', name, inputs: [a, b] });
const concat = (name: string, ...inputs: string[]): LayerDescription => ({ kind: 'concat', name, inputs });
const pool = (name: string, input: string): LayerDescription => ({
  kind: 'global-average-pool',
  name,
  input,
});
const dense = (name: string, input: string, outFeatures?: number): LayerDescription => ({
  ...{ kind: 'dense', name, input },
  outFeatures,
});
const exactly = (...layers: LayerDescription[]) =>
  customNetwork({ name: 'mine', layers, input: { channels: 6, height: 8, width: 8 }, classes: 7 });
/** The layers with a classifier behind the last one. */
const networkOf = (...layers: LayerDescription[]) =>
  exactly(...layers, pool('gap', layers.at(-1)!.name), dense('fc', 'gap'));

function refusalOf(build: () => unknown): NetworkError {
  try {
    build();
  } catch (error) {
    if (error instanceof NetworkError) return error;
    throw error;
  }
  throw new Error('expected a refusal');
}

test('a dense layer without features has the classes, one with features keeps them', () => {
  const { layers, classes } = exactly(
    ...[conv('a', INPUT, 4), pool('gap', 'a'), dense('hidden', 'gap', 5), dense('fc', 'hidden')],
  );
  expect(classes).toBe(7);
  expect(layers.slice(2)).toEqual([
    { kind: 'dense', name: 'hidden', input: 'gap', outFeatures: 5 },
    { kind: 'dense', name: 'fc', input: 'hidden', outFeatures: 7 },
  ]);
});

test('refuses features other than the classes in the last layer', () => {
  expect(refusalOf(() => exactly(pool('gap', INPUT), dense('fc', 'gap', 5))).message).toBe(
    'network "mine": the last layer must be dense with 7 features, found dense "fc" with 5',
  );
});

test('names the layer that no other reads', () => {
  const error = refusalOf(() => networkOf(conv('a', INPUT, 4), conv('idle', 'a', 4), conv('b', 'a', 4)));
  expect(error).toMatchObject({ layer: 'idle', message: 'layer "idle": no layer reads its output' });
});

test('names the layer with which there are too many channels', () => {
  const doubled = Array.from({ length: 30 }, (_, i) => concat(`c${i + 1}`, `c${i}`, `c${i}`));
  const error = refusalOf(() => networkOf(conv('c0', INPUT, 8), ...doubled));
  // 8 channels, and 8 x 2^i in every concatenation: 8 x (2^17 - 1) is the first sum above a million.
  expect(error).toMatchObject({
    layer: 'c16',
    message: 'layer "c16": the layers up to here have more than 1000000 output channels together',
  });
});

describe('refuses a network of which nothing can be pruned:', () => {
  test.each<[string, () => unknown]>([
    ['no convolution', () => exactly(pool('gap', INPUT), dense('fc', 'gap'))],
    ['dense layers alone', () => exactly(pool('gap', INPUT), dense('a', 'gap', 9), dense('fc', 'a'))],
    ['convolutions of several groups alone', () => networkOf(conv('a', INPUT, 12, { groups: 2 }))],
    [
      'one that such a convolution reads',
      () => networkOf(conv('a', INPUT, 8), conv('b', 'a', 8, { groups: 4 })),
    ],
    ["the images' channels one by one", () => networkOf(conv('a', INPUT, 6, { groups: 'depthwise' }))],
    ['one that is added to the images', () => networkOf(conv('a', INPUT, 6), add('sum', 'a', INPUT))],
    [
      'one that is added to a dense layer',
      () =>
        exactly(
          ...[conv('a', INPUT, 5), pool('gap', 'a'), dense('b', 'gap', 5)],
          ...[add('sum', 'gap', 'b'), dense('fc', 'sum')],
        ),
    ],
    [
      'a sum with other boundaries',
      () =>
        networkOf(
          ...[conv('a', INPUT, 4), conv('b', INPUT, 2), concat('ab', 'a', 'b')],
          ...[conv('c', 'ab', 6), add('sum', 'ab', 'c')],
        ),
    ],
  ])('%s', (_, build) => {
    const error = refusalOf(build);
    expect(error.layer).toBeUndefined();
    expect(error.message).toBe(
      'network "mine" has no channels that can be pruned: expected at least one convolution with groups 1 whose channels ' +
        'are not tied to the images or to a dense layer, to what a convolution of several groups reads or writes, or by ' +
        'an addition to segments of other sizes',
    );
  });

  test('one convolution that can be is enough', () => {
    const network = networkOf(conv('a', INPUT, 12, { groups: 2 }), conv('b', 'a', 4));
    expect(deriveChannelGroups(network).groups.map(({ name }) => name)).toEqual(['b']);
  });
});
