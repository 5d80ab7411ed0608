import fc from 'fast-check';
import { INPUT, inputsOf, type Layer, type Network } from '#network';

interface Choice {
  readonly kind: 'conv' | 'grouped' | 'depthwise' | 'batch-norm' | 'relu' | 'concat' | 'add';
  readonly channels: number;
  /** Which of the layers so far are read: taken modulo their number. */
  readonly first: number;
  readonly second: number;
}

const choices = fc.array(
  fc.record<Choice>({
    kind: fc.constantFrom(
      'conv',
      'conv',
      'grouped',
      'depthwise',
      'batch-norm',
      'relu',
      'concat',
      'add',
      'add',
    ),
    channels: fc.integer({ min: 1, max: 4 }),
    first: fc.nat(30),
    second: fc.nat(30),
  }),
  { minLength: 3, maxLength: 14 },
);

/** Networks of layers that read any layers before them, on images of [2, 3, 3]; what nothing reads is laid side by side. */
export const randomNetworks = (): fc.Arbitrary<Network> => choices.map(networkOf);

function networkOf(chosen: readonly Choice[]): Network {
  const layers: Layer[] = [];
  const channelsOf = new Map([[INPUT, 2]]);
  for (const [index, choice] of chosen.entries()) {
    const name = `${choice.kind}${index}`;
    const names = [...channelsOf.keys()];
    const input = names[choice.first % names.length]!;
    const channels = channelsOf.get(input)!;
    // A second one of the same channels, so that they can be added.
    const alike = names.filter((each) => channelsOf.get(each) === channels);
    const other =
      choice.kind === 'add' ? alike[choice.second % alike.length]! : names[choice.second % names.length]!;
    const [layer, own] = layerOf(choice, name, { input, other, channels, others: channelsOf.get(other)! });
    layers.push(layer);
    channelsOf.set(name, own);
  }
  const read = new Set(layers.flatMap(inputsOf));
  const ends = layers.filter(({ name }) => !read.has(name)).map(({ name }) => name);
  layers.push(
    { kind: 'concat', name: 'ends', inputs: [...ends, INPUT] },
    { kind: 'global-average-pool', name: 'pool', input: 'ends' },
    { kind: 'dense', name: 'classifier', input: 'pool', outFeatures: 3 },
  );
  return { name: 'random', input: { channels: 2, height: 3, width: 3 }, classes: 3, layers };
}

interface Reading {
  readonly input: string;
  readonly other: string;
  readonly channels: number;
  readonly others: number;
}

function layerOf(
  { kind, channels: outChannels }: Choice,
  name: string,
  { input, other, channels, others }: Reading,
): [Layer, number] {
  const conv = { kind: 'conv', name, input, kernel: 3, stride: 1, padding: 1 } as const;
  switch (kind) {
    case 'conv':
      return [{ ...conv, outChannels }, outChannels];
    case 'grouped': {
      const groups = channels % 2 === 0 ? 2 : 1;
      return [{ ...conv, groups, outChannels: groups * outChannels }, groups * outChannels];
    }
    case 'depthwise':
      return [{ ...conv, groups: 'depthwise', outChannels: channels }, channels];
    case 'concat':
      return [{ kind, name, inputs: [input, other] }, channels + others];
    case 'add':
      return [{ kind, name, inputs: [input, other] }, channels];
    default:
      return [{ kind, name, input }, channels];
  }
}
