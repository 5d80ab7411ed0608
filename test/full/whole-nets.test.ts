import { baseline, comparedEngines } from '../conformance/compared-engines.js';
import { expectSameLosses } from '../conformance/expect-same-losses.js';
import { trainLosses } from '../conformance/train-losses.js';
import { wholeNets } from '../conformance/training-cases.js';

const TIMEOUT_MS = 900_000;
const engines = await comparedEngines();

describe.each(wholeNets().map((training) => ({ ...training, name: training.network.name })))(
  '$name at CIFAR size',
  (training) => {
    let expected: number[];
    beforeAll(async () => {
      expected = await trainLosses(await baseline(), training);
    }, TIMEOUT_MS);

    test('learns', () => {
      expect(expected.at(-1)).toBeLessThan(0.9 * expected[0]!);
    });

    for (const { name, create } of engines.filter(({ slow }) => !slow)) {
      test(
        `has the losses of onnxruntime cpu on ${name}`,
        async () => {
          expectSameLosses(await trainLosses(await create(), training), expected);
        },
        TIMEOUT_MS,
      );
    }
  },
);
