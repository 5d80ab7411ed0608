import { readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { JobProgress, MetricsBatch } from '#contracts';
import { createTrainingData, loadDataset } from '#datasets';
import { createExecutor } from '#engine';
import { isProcessAlive } from '#runtime';
import { networkOf } from '#service';
import { temporaryFolder } from '#testkit';
import { compareMethods, sharesOf } from './compare-methods.js';
import { aListener, aTrainingOrder, TINY_TRAINING, TRAINING_PROCESS } from './testing/training-orders.js';
import type { TrainingOrder } from './training-messages.js';
import { runInTrainingProcess } from './training-process.js';

let folder: { path: string; remove(): Promise<void> };
beforeEach(async () => void (folder = await temporaryFolder('comparison')));
afterEach(() => folder.remove());

const METHODS = ['uniform-slimmable', 'independent', 'dense'] as const;
const anOrder = (changes: Partial<TrainingOrder> = {}) =>
  aTrainingOrder(folder.path, {
    ...{ comparison: { methods: [...METHODS] }, untrainedRatios: [0.25] },
    ...changes,
  });
const train = (
  order: TrainingOrder,
  onProgress: (progress: JobProgress, pid: number) => void,
  onMetrics: (batch: MetricsBatch) => void = () => {},
) => {
  let pid = 0;
  return runInTrainingProcess(
    order,
    {
      ...{ signal: new AbortController().signal, stop: new AbortController().signal },
      listener: aListener({ onMetrics, onProgress: (progress) => onProgress(progress, pid) }),
    },
    { ...TRAINING_PROCESS, onStart: (started) => (pid = started) },
  );
};

test('trains every method, the job’s own first, with progress of all of them as one', async () => {
  const reported: JobProgress[] = [];
  const order = await anOrder();
  const evaluated: [string, number[]][] = [];
  const { comparison, ratios, trainingMacs } = await train(
    order,
    (progress) => reported.push(progress),
    ({ series, evaluation }) => {
      if (evaluation) evaluated.push([series, evaluation.ratios.map(({ ratio }) => ratio)]);
    },
  );

  const methods = comparison!.methods;
  expect(methods.map(({ method }) => method)).toEqual(['all-in-one', ...METHODS]);
  expect(
    methods.map((each) => each.ratios.map(({ ratio, derived }) => (derived ? `${ratio}*` : ratio))),
  ).toEqual([[0, '0.25*', 0.5], [0, '0.25*', 0.5], [0, 0.5], [0]]);
  const [own, uniform, independent, dense] = methods;
  expect(own).toMatchObject({
    trainingMacs,
    ratios: ratios.map(({ ratio, accuracy, macs }) => ({ ratio, accuracy, macs })),
  });
  expect(dense!.ratios[0]).toEqual(independent!.ratios[0]);
  for (const { ratio, macs } of [...uniform!.ratios, ...independent!.ratios]) {
    expect(macs).toBeLessThanOrEqual((1 - ratio) * own!.ratios[0]!.macs);
  }
  expect(evaluated).toEqual([
    ['all-in-one/mask', [0]],
    ['all-in-one/joint', [0, 0.5]],
    ['uniform-slimmable/warm-up', [0]],
    ['uniform-slimmable/joint', [0, 0.5]],
    ['independent-0/joint', [0]],
    ['independent-0/joint', [0]],
    ['independent-0.5/joint', [0.5]],
    ['independent-0.5/joint', [0.5]],
  ]);
  const fractions = reported.map(({ fraction }) => fraction);
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  expect(fractions.at(-1)).toBeCloseTo(1, 6);
  // The network of ratio 0 is the independent one: it is not trained again for `dense`.
  expect([...new Set(reported.map(({ method }) => method))]).toEqual([
    undefined,
    'uniform-slimmable',
    'independent',
  ]);
});

test('a method that diverges is left out with what happened, and the others go on', async () => {
  const { dataset, network, ratios, checkpointFolder } = await anOrder();
  // No submission gets such a rate past the API.
  const options = { ...TINY_TRAINING, maskLearningRate: 1e39 };
  const loaded = await loadDataset({ format: dataset.format, paths: dataset.files });
  const data = createTrainingData(loaded, options);
  const executor = await createExecutor('onnxruntime', { threads: 1 });
  const request = { network: networkOf(network, data.input, data.classes), ratios, data, executor, options };
  const methods = ['all-in-one', 'dense'] as const;
  const warnings: string[] = [];
  const [diverged, dense] = await compareMethods(methods, request, sharesOf(methods, request), {
    ...options,
    folder: checkpointFolder,
    stop: new AbortController().signal,
    kept: () => Promise.resolve([]),
    listener: aListener({ onLog: ({ message }) => warnings.push(message) }),
  });
  const failure = expect.stringMatching(/ratio 0, 0.5: training diverged at step \d+.*: /);
  expect(diverged).toEqual({
    ...{ method: 'all-in-one', ratios: [], trainingMacs: 0, trainingSeconds: 0, failure },
  });
  expect(warnings).toEqual([failure]);
  expect(dense).toMatchObject({ method: 'dense', ratios: [{ ratio: 0 }] });
});

test('a finished method is trained again where its result is of another training, or damaged', async () => {
  const order = await anOrder({ comparison: { methods: ['dense'] } });
  const file = path.join(order.checkpointFolder, 'comparison', 'independent-0', 'result.json');
  const first = await train(order, () => {});
  const kept = JSON.parse(await readFile(file, 'utf8'));
  for (const content of [
    { ...kept, fingerprint: { ...kept.fingerprint, cpuClass: 'another' } },
    '{"fingerp',
  ]) {
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
    const methods = new Set<string | undefined>();
    const again = await train(order, ({ method }) => methods.add(method));
    expect(methods).toContain('dense');
    expect(again.comparison!.methods[1]!.ratios).toEqual(first.comparison!.methods[1]!.ratios);
  }
  const methods = new Set<string | undefined>();
  await train(order, ({ method }) => methods.add(method));
  expect(methods).not.toContain('dense');
});

test('killed, it keeps the methods that are finished and gives the same figures', async () => {
  const training = { ...TINY_TRAINING, jointEpochs: 4, checkpointEverySteps: 1 };
  const order = await anOrder({ training });
  let killed = 0;
  const cut = train(order, ({ method, step }, pid) => {
    if (method !== 'independent' || step < 2 || killed !== 0) return;
    process.kill((killed = pid), 'SIGKILL');
  });
  await expect(cut).rejects.toMatchObject({ code: 'training_crashed' });
  expect(isProcessAlive(killed)).toBe(false);
  expect(await readdir(path.join(order.checkpointFolder, 'comparison', 'uniform-slimmable'))).toContain(
    'result.json',
  );

  const trained: (string | undefined)[] = [];
  const resumed = await train(order, ({ method, phase }) => {
    if (phase === 'joint') trained.push(method);
  });
  expect(trained).not.toContain('uniform-slimmable');
  const whole = await train({ ...order, checkpointFolder: path.join(folder.path, 'afresh') }, () => {});
  const figures = (of: typeof whole) =>
    of.comparison!.methods.map(({ trainingSeconds: _, ...figure }) => figure);
  expect(figures(resumed)).toEqual(figures(whole));
});
