import { createExecutor, type Executor } from '#engine';
import { costOf, denseWidths, resNet } from '#network';
import {
  TrainingDivergedError,
  UnreachableRatioError,
  subnetOf,
  trainFamily,
  type Batch,
  type TrainFamilyOptions,
  type TrainFamilyProgress,
  type TrainFamilyRequest,
  type TrainingCheckpoint,
  type TrainingData,
} from './index.js';
import { BARS_CLASSES as CLASSES, BARS_INPUT as INPUT, barsOfLight } from './testing/bars-of-light.js';

const BATCH = 16;
const network = resNet({ depth: 8, input: INPUT, classes: CLASSES, widthMultiplier: 0.25 });
const RATIOS = [0, 0.3, 0.5, 0.7];
const OPTIONS: TrainFamilyOptions = {
  warmupEpochs: 1,
  maskEpochs: 1,
  jointEpochs: 3,
  batchSize: BATCH,
  learningRate: 0.05,
  momentum: 0.9,
  weightDecay: 5e-4,
  maskLearningRate: 0.05,
  distillationWeight: 0.5,
  minChannels: 1,
  channelMultiple: 1,
  recalibrationBatches: 4,
  seed: 1,
};

const batches = (count: number, seed: number) =>
  Array.from({ length: count }, (_, i) => barsOfLight(BATCH, seed + i));
const data: TrainingData = {
  trainCount: 12 * BATCH + 3,
  testCount: 10 * BATCH - 6,
  input: INPUT,
  classes: CLASSES,
  trainBatches: (epoch) => batches(12, 1000 * (epoch + 1)),
  recalibrationBatches: () => batches(8, 500_000),
  testBatches: () =>
    batches(10, 900_000).map((batch, i) => ({ ...batch, count: i === 9 ? BATCH - 6 : BATCH })),
};

let executor: Executor;
beforeAll(async () => {
  executor = await createExecutor('onnxruntime', { threads: 1 });
});
const train = (changes: Partial<TrainFamilyRequest> = {}, options: Partial<TrainFamilyOptions> = {}) =>
  trainFamily({ network, ratios: RATIOS, data, executor, ...changes, options: { ...OPTIONS, ...options } });

describe('trainFamily', () => {
  test('teaches one weight set every ratio, within its budget, and reports all of its work', async () => {
    const reports: TrainFamilyProgress[] = [];
    const { family, accuracies } = await train({ onProgress: (progress) => reports.push(progress) });

    expect(accuracies).toHaveLength(RATIOS.length);
    // Chance is 0.25; without any learned feature there is nothing above it.
    for (const accuracy of accuracies) expect(accuracy).toBeGreaterThan(0.8);

    const dense = costOf(network);
    expect(subnetOf(family, 0)).toEqual({
      network,
      parameters: family.parameters,
      batchNorm: family.members[0]!.batchNorm,
    });
    expect(() => subnetOf(family, 0.4)).toThrow(
      /ratio 0.4 is not in the family: expected one of 0, 0.3, 0.5, 0.7/,
    );
    expect(family.members[0]).toMatchObject({ ratio: 0, widths: denseWidths(network), cost: dense });
    for (const [index, { ratio, cost, batchNorm, widths }] of family.members.entries()) {
      expect(cost.macs).toBeLessThanOrEqual((1 - ratio) * dense.macs + 1e-3);
      expect(cost).toEqual(costOf(subnetOf(family, ratio).network));
      expect(batchNorm['stem.bn']!.variance).toHaveLength(widths['stem']!);
      const wider = family.members[index - 1];
      if (wider)
        for (const group of Object.keys(widths))
          expect(widths[group]!).toBeLessThanOrEqual(wider.widths[group]!);
    }
    for (const values of Object.values(family.mask)) {
      expect([...values]).toEqual([...values].sort((a, b) => b - a));
      expect(new Set(values).size).toBeGreaterThan(1);
    }

    expect([...new Set(reports.map(({ phase }) => phase))]).toEqual([
      'warm-up',
      'mask',
      'joint',
      'recalibrate',
      'evaluate',
    ]);
    const fractions = reports.map(({ fraction }) => fraction);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions[0]).toBeGreaterThan(0);
    expect(fractions.at(-1)).toBeCloseTo(1, 9);
    const joint = reports.filter(({ phase }) => phase === 'joint');
    expect(joint).toHaveLength(36);
    expect(joint[12]).toMatchObject({ epoch: 2, epochs: 3, step: 13, steps: 36, loss: expect.any(Number) });
    expect(joint.at(-1)!.loss!).toBeLessThan(joint[0]!.loss!);
  });

  test('trains from random weights without a warm-up, and two ratios that give one subnet', async () => {
    const ratios = [0, 0.5, 0.50001];
    const { family, accuracies } = await train({ ratios }, { warmupEpochs: 0 });
    expect(family.members[1]!.widths).toEqual(family.members[2]!.widths);
    for (const accuracy of accuracies) expect(accuracy).toBeGreaterThan(0.6);
  });

  test('names the step and the ratio when the loss is no longer a number', async () => {
    const failure = train({}, { learningRate: 1e30 });
    await expect(failure).rejects.toThrow(TrainingDivergedError);
    await expect(failure).rejects.toThrow(
      /diverged at step \d+, pruning ratio 0: the loss is (NaN|Infinity)/,
    );
    const error = await failure.catch((caught: unknown) => caught as TrainingDivergedError);
    expect(error).toMatchObject({ ratio: 0, step: expect.any(Number) });
  });

  test('names the weight that a step made no number of, and hands out no checkpoint with it', async () => {
    const checkpoints: TrainingCheckpoint[] = [];
    const options = { warmupEpochs: 0, jointEpochs: 1, learningRateWarmupEpochs: 0 };
    // The first loss is of weights that are fine; the step that follows it overflows them.
    const failure = train(
      { onCheckpoint: (each) => void checkpoints.push(each), isCheckpointDue: () => true },
      { ...options, learningRate: 3e38, weightDecay: 100 },
    );
    await expect(failure).rejects.toThrow(/diverged at step 1: ".+" has the value (NaN|-?Infinity)/);
    expect(checkpoints).toEqual([]);
  });

  test('says that it diverged on an engine whose losses do not show it', async () => {
    const wasm = await createExecutor('tfjs', { provider: 'wasm', threads: 1 });
    const failure = train({ executor: wasm }, { learningRate: 1e30 });
    await expect(failure).rejects.toThrow(TrainingDivergedError);
    await expect(failure).rejects.toThrow(
      /diverged at step \d+: tfjs wasm: .* has a NaN or an infinity in it/,
    );
  });

  test('stops at the next step with the reason of the abort', async () => {
    const controller = new AbortController();
    const reason = new Error('the job was cancelled');
    let reports = 0;
    const onProgress = () => {
      if (++reports === 15) controller.abort(reason);
    };
    await expect(train({ signal: controller.signal, onProgress })).rejects.toBe(reason);
    expect(reports).toBe(15);
  });

  test('leaves no program behind, whether it ends well or not', async () => {
    let open = 0;
    const counting: Executor = {
      info: executor.info,
      async compile(graph) {
        const program = await executor.compile(graph);
        open++;
        return {
          setState: (values) => program.setState(values),
          getState: () => program.getState(),
          run: (feeds) => program.run(feeds),
          dispose: () => {
            open--;
            return program.dispose();
          },
        };
      },
    };
    await train({ executor: counting, ratios: [0, 0.5] }, { jointEpochs: 1 });
    expect(open).toBe(0);
    const failing = train({ executor: counting }, { learningRate: 1e30 });
    await expect(failing).rejects.toThrow(TrainingDivergedError);
    expect(open).toBe(0);
  });

  test.each<[string, Partial<TrainFamilyRequest>, Partial<TrainFamilyOptions>, RegExp]>([
    ['ratios out of order', { ratios: [0, 0.5, 0.3] }, {}, /ratios \[0, 0.5, 0.3\]: expected ascending/],
    ['no ratio', { ratios: [] }, {}, /ratios \[\]: expected ascending/],
    ['other classes', { data: { ...data, classes: 3 } }, {}, /data have 3 classes, the network 4/],
    [
      'other images',
      { data: { ...data, input: { ...INPUT, width: 9 } } },
      {},
      /images are \[1, 8, 9\], the network takes \[1, 8, 8\]/,
    ],
    ['less than a batch', { data: { ...data, trainCount: 15 } }, {}, /15 training .* batch of 16/],
    ['batches of another size', {}, { batchSize: 8 }, /training batch of 16 images, expected 8/],
    ['epochs that end early', { data: { ...data, trainCount: 999 } }, {}, /ended at step 12, expected 62/],
    [
      'a label beyond the classes',
      { data: { ...data, trainBatches: () => [mislabelled()] } },
      {},
      /label 200/,
    ],
    [
      'data without recalibration batches',
      { data: { ...data, recalibrationBatches: () => [] } },
      {},
      /got no batch/,
    ],
  ])('refuses %s', async (_, changes, options, message) => {
    const minimal = { warmupEpochs: 0, jointEpochs: 1, ...options };
    await expect(train({ ratios: [0], ...changes }, minimal)).rejects.toThrow(message);
  });

  test('refuses a ratio out of reach before it trains anything', async () => {
    let reports = 0;
    const failure = train({ ratios: [0, 0.9], onProgress: () => reports++ }, { minChannels: 4 });
    await expect(failure).rejects.toThrow(UnreachableRatioError);
    expect(reports).toBe(0);
  });
});

const mislabelled = (): Batch => {
  const batch = barsOfLight(BATCH, 1);
  batch.labels[3] = 200;
  return batch;
};
