import { createExecutor, type Executor } from '#engine';
import { resNet } from '#network';
import {
  CheckpointMismatchError,
  trainFamily,
  type TrainFamilyProgress,
  type TrainFamilyRequest,
} from './index.js';
import type { TrainFamilyOptions, TrainFamilyResult, TrainingCheckpoint } from './index.js';
import { BARS_CLASSES, BARS_INPUT, barsData } from './testing/bars-of-light.js';

const STEPS = 2;
const OPTIONS: TrainFamilyOptions = {
  ...{ warmupEpochs: 1, maskEpochs: 1, jointEpochs: 2, batchSize: 8, recalibrationBatches: 2, seed: 1 },
  ...{ learningRate: 0.05, momentum: 0.9, weightDecay: 5e-4, maskLearningRate: 0.05 },
  ...{ distillationWeight: 0.5, minChannels: 1, channelMultiple: 1, maskedRatios: 'all' },
};
const executors = new Map<number, Executor>();
beforeAll(async () => {
  for (const threads of [1, 2]) executors.set(threads, await createExecutor('onnxruntime', { threads }));
});

type Changes = Partial<Omit<TrainFamilyRequest, 'options'>> & { options?: Partial<TrainFamilyOptions> };
const train = ({ options, ...changes }: Changes = {}): Promise<TrainFamilyResult> =>
  trainFamily({
    network: resNet({ depth: 8, input: BARS_INPUT, classes: BARS_CLASSES, widthMultiplier: 0.25 }),
    ratios: [0, 0.5],
    data: barsData({ batchSize: 8, steps: STEPS }),
    executor: executors.get(1)!,
    environment: { dataset: 'bars' },
    ...changes,
    options: { ...OPTIONS, ...options },
  });

/** A training with a checkpoint after every step. */
async function withCheckpoints(options: Partial<TrainFamilyOptions> = {}) {
  const checkpoints: TrainingCheckpoint[] = [];
  const onCheckpoint = (checkpoint: TrainingCheckpoint) => void checkpoints.push(checkpoint);
  const result = await train({ options, onCheckpoint, isCheckpointDue: () => true });
  return { result, checkpoints };
}

const at = ({ phase, epoch, step }: TrainFamilyProgress) => `${phase} ${epoch}.${step}`;
let uninterrupted: Awaited<ReturnType<typeof withCheckpoints>>;
beforeAll(async () => void (uninterrupted = await withCheckpoints()));

describe('evaluated after epochs', () => {
  const evaluation = { everyEpochs: 1, images: 12 };

  /** What is told of a training, by the place that it is told of. */
  async function evaluated(changes: Changes = {}) {
    const told: [string, readonly number[]][] = [];
    const result = await train({
      evaluation,
      onEvaluated: (position, accuracies) => told.push([at(position), accuracies]),
      ...changes,
    });
    return { told, result };
  }

  test('it ends in the same bits, and tells the dense network, then all ratios', async () => {
    const { told, result } = await evaluated();
    expect(result).toEqual(uninterrupted.result);
    expect(told.map(([place, accuracies]) => [place, accuracies.length])).toEqual([
      ...[['warm-up 1.2', 1], ['mask 1.2', 1]], // prettier-ignore
      ...[['joint 1.2', 2], ['joint 2.4', 2]], // prettier-ignore
    ]);
  });

  test('the last accuracies, of all test images, are those of the end', async () => {
    const { told, result } = await evaluated({ evaluation: { everyEpochs: 2, images: 1000 } });
    expect(told).toEqual([['joint 2.4', result.accuracies]]);
  });

  test('resumed, it tells the same of the epochs that were not over', async () => {
    const { told, result } = await evaluated();
    for (const [place, left] of [
      ['mask 1.1', 3],
      ['mask 1.2', 2],
      ['joint 2.3', 1],
      ['joint 2.4', 0],
    ] as const) {
      // prettier-ignore
      const resumeFrom = uninterrupted.checkpoints.find(({ position }) => at(position) === place)!;
      expect(await evaluated({ resumeFrom })).toEqual({ told: told.slice(told.length - left), result });
    }
  });

  test('never, it tells nothing', async () => {
    expect((await evaluated({ evaluation: { everyEpochs: 0, images: 12 } })).told).toEqual([]);
  });
});

test('hands out a checkpoint wherever one is due: at the ends of epochs, or wherever the caller says', async () => {
  expect(uninterrupted.checkpoints.map(({ position }) => at(position))).toEqual([
    ...['warm-up 1.1', 'warm-up 1.2', 'mask 1.1', 'mask 1.2'],
    ...['joint 1.1', 'joint 1.2', 'joint 2.3', 'joint 2.4', 'recalibrate 1.2'],
  ]);
  const ends: string[] = [];
  const onCheckpoint = ({ position }: TrainingCheckpoint) => void ends.push(at(position));
  expect(await train({ onCheckpoint })).toEqual(uninterrupted.result);
  expect(ends).toEqual(['warm-up 1.2', 'mask 1.2', 'joint 1.2', 'joint 2.4', 'recalibrate 1.2']);
});

test('resumed from any checkpoint it ends in the bits of uninterrupted training', async () => {
  const { checkpoints, result } = uninterrupted;
  const fractions = checkpoints.map(({ position }) => position.fraction);
  for (const resumeFrom of checkpoints) {
    const reports: TrainFamilyProgress[] = [];
    const resumed = await train({ resumeFrom, onProgress: (progress) => reports.push(progress) });
    expect({ at: at(resumeFrom.position), resumed }).toEqual({
      at: at(resumeFrom.position),
      resumed: result,
    });
    expect(reports[0]!.fraction).toBeGreaterThan(resumeFrom.position.fraction);
  }
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
});

test.each<[string, string[], Partial<TrainFamilyOptions>]>([
  ['AdamW', ['mask 1.1', 'joint 2.3'], { optimizer: 'adamw', learningRate: 0.002, weightDecay: 0.01 }],
  [
    'Nesterov, clipping, label smoothing, temperature and a rise of its own',
    ['joint 1.1'],
    {
      ...{ nesterov: true, gradientClipNorm: 0.5, labelSmoothing: 0.1 },
      ...{ distillationTemperature: 3, learningRateWarmupEpochs: 1.5 },
    },
  ],
])('resumes with %s, which trains other weights', async (_, places, options) => {
  const { checkpoints, result } = await withCheckpoints(options);
  expect(result.family.parameters).not.toEqual(uninterrupted.result.family.parameters);
  for (const place of places) {
    const resumeFrom = checkpoints.find(({ position }) => at(position) === place)!;
    expect(await train({ options, resumeFrom })).toEqual(result);
  }
});

test.each([1, 2])(
  'gives the same bits twice with %i threads, and others for another seed',
  async (threads) => {
    const executor = executors.get(threads)!;
    const short = { jointEpochs: 1 };
    const [first, second] = [
      await train({ executor, options: short }),
      await train({ executor, options: short }),
    ];
    expect(second).toEqual(first);
    const other = await train({ executor, options: { ...short, seed: 2 } });
    expect(other.family.parameters).not.toEqual(first.family.parameters);
  },
);

describe('refuses a checkpoint of another training, naming what differs', () => {
  test.each<[string, Changes, RegExp]>([
    ['options', { options: { learningRate: 0.1 } }, /options\.learningRate is 0\.05, this one's is 0\.1/],
    [
      'an option that was not set',
      { options: { nesterov: true } },
      /options\.nesterov is nothing, .* is true/,
    ],
    ['ratios', { ratios: [0, 0.3] }, /ratios is 0, 0\.5, this one's is 0, 0\.3/],
    ['the dataset', { environment: { dataset: 'stripes' } }, /dataset is bars, this one's is stripes/],
  ])('%s', async (_, changes, message) => {
    const reports: unknown[] = [];
    const onProgress = (progress: unknown) => reports.push(progress);
    const refused = train({ ...changes, onProgress, resumeFrom: uninterrupted.checkpoints[4]! });
    await expect(refused).rejects.toThrow(CheckpointMismatchError);
    await expect(refused).rejects.toThrow(message);
    expect(reports).toEqual([]);
  });

  test('the network and the threads', async () => {
    const resumeFrom = uninterrupted.checkpoints[0]!;
    const deeper = resNet({ depth: 14, input: BARS_INPUT, classes: BARS_CLASSES, widthMultiplier: 0.25 });
    await expect(train({ network: deeper, resumeFrom })).rejects.toMatchObject({ field: 'network' });
    const refused = train({ executor: executors.get(2)!, resumeFrom });
    await expect(refused).rejects.toMatchObject({ field: 'executor.threads', found: '1', expected: '2' });
  });
});

test('data that ignore the step to begin from do not go unnoticed', async () => {
  const data = barsData({ batchSize: 8, steps: STEPS });
  const deaf = { ...data, trainBatches: (epoch: number) => data.trainBatches(epoch) };
  const resumed = train({ data: deaf, resumeFrom: uninterrupted.checkpoints[4]! });
  await expect(resumed).rejects.toThrow('epoch 1 ended at step 3, expected 2');
});
