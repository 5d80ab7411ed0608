import { AppError, CreateJob, NetworkSpec } from '#contracts';
import { costOf } from '#network';
import { networkOf } from './index.js';

const CIFAR = { channels: 3, height: 32, width: 32 };
const spec = (input: unknown) => NetworkSpec.parse(input);
const conv = (name: string, input: string, more: object = {}) => {
  return { kind: 'conv', name, input, outChannels: 8, kernel: 3, padding: 1, ...more };
};
const customSpec = (...layers: object[]) =>
  spec({
    family: 'custom',
    description: {
      name: 'mine',
      layers: [
        ...layers,
        { kind: 'global-average-pool', name: 'pool', input: (layers.at(-1) as { name: string }).name },
        { kind: 'dense', name: 'classifier', input: 'pool' },
      ],
    },
  });

test.each<[object, string, number]>([
  [{ family: 'resnet', depth: 20 }, 'resnet20', 272_474],
  [{ family: 'resnet', depth: 18 }, 'resnet18', 11_181_642],
  [{ family: 'resnet', depth: 50 }, 'resnet50', 23_528_522],
  [{ family: 'vgg' }, 'vgg16-bn', 14_724_042],
  [{ family: 'mobilenetv1' }, 'mobilenetv1', 3_217_226],
  [{ family: 'mobilenetv2' }, 'mobilenetv2', 2_296_922],
  [{ family: 'mobilenetv2', form: 'imagenet' }, 'mobilenetv2', 2_236_682],
])('builds %j for images and classes of a dataset', (given, name, parameters) => {
  const network = networkOf(spec(given), CIFAR, 10);
  expect(network).toMatchObject({ name, input: CIFAR, classes: 10 });
  expect(costOf(network).parameters).toBe(parameters);
});

test('takes the specification of a ResNet as it was stored before there were other families', () => {
  const stored = { family: 'resnet', depth: 8, widthMultiplier: 0.25 };
  expect(spec(stored)).toEqual(stored);
  const job = { model: 'm', network: stored, datasetId: crypto.randomUUID(), ratios: [0] };
  expect(CreateJob.parse(job).network).toEqual(stored);
});

test('builds a described network, with the classes of the dataset', () => {
  const given = customSpec(conv('a', 'input'), conv('b', 'a'), {
    ...{ kind: 'concat', name: 'ab', inputs: ['a', 'b'] },
  });
  const network = networkOf(given, CIFAR, 7);
  // 3 and 8 channels into 8 filters of 9 taps, and a classifier of 16 features.
  expect(costOf(network).parameters).toBe(8 * 9 * (3 + 8) + 16 * 7 + 7);
  expect(network.layers.at(-1)).toEqual({
    ...{ kind: 'dense', name: 'classifier', input: 'pool', outFeatures: 7 },
  });
});

describe('refuses, naming the place,', () => {
  const refusal = (given: NetworkSpec, input = CIFAR) => {
    try {
      networkOf(given, input, 10);
    } catch (error) {
      if (error instanceof AppError) return error;
      throw error;
    }
    throw new Error('expected a refusal');
  };

  test.each<[string, NetworkSpec, RegExp, string, string]>([
    [
      'a layer that does not fit',
      customSpec(conv('a', 'input'), conv('b', 'input', { outChannels: 4 }), {
        ...{ kind: 'add', name: 'sum', inputs: ['a', 'b'] },
      }),
      /layer "sum": cannot add \[8, 32, 32\] and \[4, 32, 32\]/,
      'network.description.layers[2]',
      'sum',
    ],
    [
      'a name used twice',
      customSpec(conv('a', 'input'), conv('a', 'a')),
      /layer "a": the name is used twice/,
      'network.description.layers[1]',
      'a',
    ],
    [
      'a layer that nothing reads',
      customSpec(conv('a', 'input'), conv('b', 'input')),
      /layer "a": no layer reads its output/,
      'network.description.layers[0]',
      'a',
    ],
    [
      'a network that does not end in a classifier',
      spec({ family: 'custom', description: { name: 'mine', layers: [conv('a', 'input')] } }),
      /network "mine": the last layer must be dense with 10 features/,
      'network.description',
      'mine',
    ],
    [
      'channels that double with every concatenation',
      customSpec(
        conv('c0', 'input'),
        ...Array.from({ length: 200 }, (_, i) => {
          return { kind: 'concat', name: `c${i + 1}`, inputs: [`c${i}`, `c${i}`] };
        }),
      ),
      /layer "c16": the layers up to here have more than 1000000 output channels together/,
      'network.description.layers[16]',
      'c16',
    ],
    [
      'more parameters than processes can hold',
      spec({ family: 'resnet', depth: 50, widthMultiplier: 4 }),
      /network "resnet50" has 375460106 parameters, expected at most 100000000 parameters/,
      'network',
      'resnet50',
    ],
  ])('%s', (_case, given, message, field, value) => {
    const error = refusal(given);
    expect(error).toMatchObject({ code: 'network_invalid', fault: 'user' });
    expect(error.message).toMatch(message);
    expect(error.fields).toEqual([{ field, value, expected: expect.any(String) }]);
  });

  test('images that a described network does not fit', () => {
    const wide = customSpec(conv('a', 'input', { kernel: 31, padding: 0 }));
    expect(refusal(wide, { channels: 1, height: 28, width: 28 }).fields).toEqual([
      {
        field: 'network.description.layers[0]',
        value: 'a',
        expected: 'a network that fits images of 1x28x28',
      },
    ]);
  });
});
