import { createExecutor } from '#engine';
import { expectSameLosses } from './expect-same-losses.js';
import { baseline, comparedEngines } from './compared-engines.js';
import { trainLosses } from './train-losses.js';
import { twoBlockNet, wholeNets, type TrainingCase } from './training-cases.js';

const engines = await comparedEngines();
const everyEngine = [{ name: 'onnxruntime cpu', slow: false, create: baseline }, ...engines];
const fastEngines = engines.filter(({ slow }) => !slow);
/** The nets at their full width and length are compared by test/full. */
const narrowNets = wholeNets({ widthMultiplier: 0.125, steps: 6 });

describe('a two-block net', () => {
  const training = twoBlockNet();
  let expected: number[];
  beforeAll(async () => {
    expected = await trainLosses(await createExecutor('reference'), training);
  });

  test('learns', () => {
    expect(expected.at(-1)).toBeLessThan(0.8 * expected[0]!);
  });

  test.each(everyEngine)('has the losses of the float64 reference on $name', async ({ create }) => {
    expectSameLosses(await trainLosses(await create(), training), expected);
  });
});

describe.each(narrowNets.map((training): [string, TrainingCase] => [training.network.name, training]))(
  '%s at an eighth of its width',
  (_, training) => {
    let expected: number[];
    beforeAll(async () => {
      expected = await trainLosses(await baseline(), training);
    });

    test('learns', () => {
      expect(expected.at(-1)).toBeLessThan(expected[0]!);
    });

    for (const { name, create } of fastEngines) {
      test(`has the losses of onnxruntime cpu on ${name}`, async () => {
        expectSameLosses(await trainLosses(await create(), training), expected);
      });
    }
  },
);
