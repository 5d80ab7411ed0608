import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { readBundle } from '#bundle';
import type { JobLog, JobProgress, MetricsBatch } from '#contracts';
import { isProcessAlive } from '#runtime';
import { temporaryFolder, TYPESCRIPT_NODE_OPTIONS, waitUntil, writeIdxFiles } from '#testkit';
import {
  aListener,
  aTrainingOrder,
  ENDLESS_TRAINING,
  TINY_TRAINING,
  TRAINING_PROCESS,
} from './testing/training-orders.js';
import type { TrainingOrder } from './training-messages.js';
import { TrainingStopped } from './train-resumably.js';
import { runInTrainingProcess } from './training-process.js';

let folder: { path: string; remove(): Promise<void> };
beforeEach(async () => void (folder = await temporaryFolder('training')));
afterEach(() => folder.remove());

interface Run {
  readonly signal?: AbortSignal;
  readonly stop?: AbortSignal;
  readonly onProgress?: (progress: JobProgress, pid: number) => void;
  readonly onResumed?: (progress: JobProgress) => void;
  readonly onLog?: (log: JobLog) => void;
  readonly onMetrics?: (batch: MetricsBatch) => void;
  readonly onCheckpoint?: (files: string[], progress: JobProgress) => void;
}

/** Trains in a real process, which must be gone afterwards. */
async function train(order: TrainingOrder, { signal, stop, onProgress, ...others }: Run = {}) {
  let pid = 0;
  try {
    return await runInTrainingProcess(
      order,
      {
        signal: signal ?? new AbortController().signal,
        stop: stop ?? new AbortController().signal,
        listener: aListener({ ...others, onProgress: (progress) => onProgress?.(progress, pid) }),
      },
      { ...TRAINING_PROCESS, onStart: (started) => (pid = started) },
    );
  } finally {
    expect(pid).toBeGreaterThan(0);
    expect(isProcessAlive(pid)).toBe(false);
  }
}

test('trains, reports every phase in order and leaves a bundle behind', async () => {
  const order = await aTrainingOrder(folder.path);
  const reported: JobProgress[] = [];
  const result = await train(order, { onProgress: (progress) => reported.push(progress) });

  expect([...new Set(reported.map(({ phase }) => phase))]).toEqual([
    'mask',
    'joint',
    'recalibrate',
    'evaluate',
  ]);
  const fractions = reported.map(({ fraction }) => fraction);
  expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
  expect(result).toMatchObject({ trainImages: 64, testImages: 16 });
  expect(result.executor).toMatchObject({ name: 'onnxruntime', threads: 1, cpuModel: expect.any(String) });
  const [dense, half] = result.ratios;
  expect([dense?.ratio, half?.ratio]).toEqual([0, 0.5]);
  expect(half!.macs).toBeLessThanOrEqual(dense!.macs / 2);

  const { family, manifest } = readBundle(await readFile(order.bundleFile));
  expect(family.members.map(({ ratio }) => ratio)).toEqual([0, 0.5]);
  expect(manifest.metadata).toMatchObject({ jobId: 'job', datasetDigest: order.dataset.digest });
});

test('derives untrained ratios into the same bundle, and begins with the weights of another', async () => {
  const first = await aTrainingOrder(folder.path, { untrainedRatios: [0.25] });
  const { ratios, trainingMacs } = await train(first);
  expect(ratios.map(({ ratio, derived }) => [ratio, derived])).toEqual([
    [0, false],
    [0.25, true],
    [0.5, false],
  ]);
  expect(trainingMacs).toBeGreaterThan(0);
  const { family } = readBundle(await readFile(first.bundleFile));
  expect(family.members.map(({ derived = false }) => derived)).toEqual([false, true, false]);

  const still = { ...TINY_TRAINING, learningRate: 1e-9, maskLearningRate: 1e-9, weightDecay: 0 };
  const changes = {
    training: still,
    checkpointFolder: path.join(folder.path, 'other'),
    warmStart: first.bundleFile,
  };
  const second = { ...first, ...changes, bundleFile: path.join(folder.path, 'second.safetensors') };
  await train(second);
  const { family: warm } = readBundle(await readFile(second.bundleFile));
  const classifier = ({ parameters }: typeof family) => parameters['classifier.bias']!.data;
  classifier(warm).forEach((value, i) => expect(value).toBeCloseTo(classifier(family)[i]!, 6));
  expect(classifier(family).some((value) => value !== 0)).toBe(true);
  await writeFile(first.bundleFile, 'no bundle');
  await expect(train({ ...second, checkpointFolder: path.join(folder.path, 'third') })).rejects.toMatchObject(
    {
      code: 'artifact_corrupt',
    },
  );
});

test('warns of ratios that have the same subnet', async () => {
  const order = await aTrainingOrder(folder.path, { ratios: [0, 0.5, 0.5001, 0.7] });
  const logs: JobLog[] = [];
  const { ratios } = await train(order, { onLog: (log) => logs.push(log) });
  expect(ratios[2]!.widths).toEqual(ratios[1]!.widths);
  expect(logs).toEqual([
    { level: 'warn', message: expect.stringMatching(/ratios 0.5 and 0.5001 are closer than one channel/) },
  ]);
});

test('killed, it goes on from the newest whole checkpoint and ends in the same bits', async () => {
  const training = { ...TINY_TRAINING, jointEpochs: 6, checkpointEverySteps: 1 };
  const order = await aTrainingOrder(folder.path, { training });
  const other = path.join(folder.path, 'undisturbed');
  const undisturbed = { ...order, bundleFile: `${other}.safetensors`, checkpointFolder: other };
  await train(undisturbed);

  const kill = ({ phase }: JobProgress, pid: number) => {
    if (phase === 'joint') process.kill(pid, 'SIGKILL');
  };
  await expect(train(order, { onProgress: kill })).rejects.toThrow('SIGKILL');
  const kept = (await readdir(order.checkpointFolder)).filter((name) => !name.startsWith('.')).sort();
  expect(kept.length).toBeGreaterThanOrEqual(3);
  const [whole, altered, truncated] = kept.slice(-3).map((name) => path.join(order.checkpointFolder, name));
  await truncate(truncated!, 1000);
  const bytes = await readFile(altered!);
  bytes[bytes.length - 1]! ^= 1;
  await writeFile(altered!, bytes);

  const told: string[] = [];
  const resumed: JobProgress[] = [];
  await train(order, {
    onLog: ({ message }) => told.push(message),
    onResumed: (progress) => resumed.push(progress),
  });
  expect(told).toEqual([
    expect.stringMatching(`${path.basename(truncated!)} is not used: .*(within the file|has 1000 bytes)`),
    expect.stringMatching(`${path.basename(altered!)} is not used: it was altered`),
  ]);
  expect(resumed).toHaveLength(1);
  const { phase, step } = resumed[0]!;
  const number = phase === 'mask' ? step : 4 + step; // one after each of the mask phase's four steps
  expect(path.basename(whole!)).toBe(`${String(number).padStart(8, '0')}.safetensors`);
  expect(await readFile(order.bundleFile)).toEqual(await readFile(undisturbed.bundleFile));
});

describe('told to stop', () => {
  test('it keeps a checkpoint behind the step that it is at, from which another goes on to the same bits', async () => {
    const order = await aTrainingOrder(folder.path, { training: { ...TINY_TRAINING, jointEpochs: 4 } });
    const other = path.join(folder.path, 'undisturbed');
    const undisturbed = { ...order, bundleFile: `${other}.safetensors`, checkpointFolder: other };
    const steps: MetricsBatch[] = [];
    await train(undisturbed, { onMetrics: (batch) => steps.push(batch) });

    const again: MetricsBatch[] = [];
    const stop = new AbortController();
    const kept: { files: string[]; at: JobProgress }[] = [];
    const stopped = train(order, {
      stop: stop.signal,
      onProgress: ({ phase }) => {
        if (phase === 'joint') stop.abort();
      },
      onMetrics: (batch) => again.push(batch),
      onCheckpoint: (files, at) => kept.push({ files, at }),
    });
    await expect(stopped).rejects.toBeInstanceOf(TrainingStopped);
    const last = kept.at(-1)!;
    expect(last.at).toMatchObject({ stage: 'train', phase: 'joint' });
    expect(last.files).toEqual(await readdir(order.checkpointFolder));
    const told = again.filter(({ series }) => series === 'all-in-one/joint').flatMap(({ losses }) => losses);
    expect(told).toHaveLength(last.at.step);

    const resumed: JobProgress[] = [];
    await train(order, {
      onResumed: (progress) => resumed.push(progress),
      onMetrics: (batch) => again.push(batch),
    });
    expect(resumed).toMatchObject([{ phase: 'joint', step: last.at.step }]);
    expect(lossesOf(again)).toEqual(lossesOf(steps));
    expect(await readFile(order.bundleFile)).toEqual(await readFile(undisturbed.bundleFile));
  });

  test('before it begins, it does not begin', async () => {
    const order = await aTrainingOrder(folder.path);
    const how = { signal: new AbortController().signal, stop: AbortSignal.abort(), listener: aListener() };
    let started = 0;
    const running = runInTrainingProcess(order, how, { ...TRAINING_PROCESS, onStart: () => started++ });
    await expect(running).rejects.toBeInstanceOf(TrainingStopped);
    expect(started).toBe(0);
  });

  test('it stops, and says so, also where no checkpoint can be kept', async () => {
    const order = await aTrainingOrder(folder.path, { training: ENDLESS_TRAINING });
    const stop = new AbortController();
    const warnings: string[] = [];
    let spoilt: Promise<void> | undefined;
    const spoil = async () => {
      await rm(order.checkpointFolder, { recursive: true, force: true });
      await writeFile(order.checkpointFolder, 'no folder');
      stop.abort();
    };
    const stopped = train(order, {
      stop: stop.signal,
      onProgress: () => void (spoilt ??= spoil()),
      onLog: ({ message }) => warnings.push(message),
    });
    await expect(stopped).rejects.toBeInstanceOf(TrainingStopped);
    await spoilt;
    expect(warnings.at(-1)).toMatch(/a checkpoint could not be kept: .*(ENOTDIR|EEXIST)/);
  });
});

/** The losses of every series, in the order of their steps. */
function lossesOf(batches: readonly MetricsBatch[]): Record<string, number[]> {
  const all: Record<string, number[]> = {};
  for (const { series, firstStep, losses } of batches) {
    const known = (all[series] ??= []);
    losses.forEach((loss, i) => (known[firstStep - 1 + i] = loss));
  }
  return all;
}

describe('says whose fault it is that there is no result', () => {
  const faulty: [string, (order: TrainingOrder) => TrainingOrder | Promise<TrainingOrder>, string, RegExp][] =
    [
      [
        'a ratio that no subnet reaches',
        (order) => ({ ...order, ratios: [0, 0.95], training: { ...order.training, minChannels: 8 } }),
        'ratio_unreachable',
        /0\.95 .*minChannels 8/,
      ],
      [
        'a learning rate that tears the weights apart',
        (order) => ({
          ...order,
          training: { ...TINY_TRAINING, learningRate: 10, weightDecay: 1, jointEpochs: 20 },
        }),
        'training_diverged',
        /diverged at step \d+.*lower learningRate/,
      ],
      [
        'more images than there are',
        (order) => ({ ...order, training: { ...order.training, trainImages: 65 } }),
        'dataset_does_not_fit',
        /65 images asked for/,
      ],
      [
        'files that changed since they were registered',
        async (order) => {
          await writeIdxFiles(`${folder.path}/dataset`, { train: 32 });
          return order;
        },
        'dataset_unreadable',
        /changed after it was registered/,
      ],
      [
        'a file that was damaged',
        async (order) => {
          await writeFile(order.dataset.files['testLabels']!, 'none');
          return order;
        },
        'dataset_unreadable',
        /testLabels/,
      ],
    ];
  test.each(faulty)('%s', async (_case, spoil, code, message) => {
    const order = await spoil(await aTrainingOrder(folder.path));
    await expect(train(order)).rejects.toMatchObject({
      name: 'AppError',
      code,
      fault: 'user',
      retry: false,
      message: expect.stringMatching(message),
    });
  });

  test('a process that was killed', async () => {
    const order = await aTrainingOrder(folder.path, { training: ENDLESS_TRAINING });
    const killed = train(order, { onProgress: (_progress, pid) => process.kill(pid, 'SIGKILL') });
    await expect(killed).rejects.toMatchObject({
      code: 'training_crashed',
      fault: 'infrastructure',
      retry: true,
      message: expect.stringContaining('SIGKILL'),
    });
  });

  test('an order that is not understood', async () => {
    const order = await aTrainingOrder(folder.path, {
      engine: { executor: 'onnxruntime', provider: 'cpu', threads: 0 },
    });
    await expect(train(order)).rejects.toMatchObject({
      code: 'training_crashed',
      message: expect.stringContaining('threads'),
    });
  });
});

test('goes on when its whole process group is signalled: what becomes of it is for the worker to say', async () => {
  const order = await aTrainingOrder(folder.path);
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const onProgress = (_progress: JobProgress, pid: number) => {
    for (const signal of signals.splice(0)) process.kill(pid, signal);
  };
  await expect(train(order, { onProgress })).resolves.toMatchObject({ trainImages: 64 });
});

test('ends the process when it is told to', async () => {
  const order = await aTrainingOrder(folder.path, { training: ENDLESS_TRAINING });
  const stop = new AbortController();
  const reason = new Error('the job is another worker’s now');
  await expect(train(order, { signal: stop.signal, onProgress: () => stop.abort(reason) })).rejects.toBe(
    reason,
  );
});

test('a training does not outlive its worker, however that one died', async () => {
  const script = fileURLToPath(new URL('./testing/lonely-parent.ts', import.meta.url));
  const parent = spawn(process.execPath, [TYPESCRIPT_NODE_OPTIONS, script, folder.path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(/training (\d+)/.exec(line.toString())?.[1]);
  expect(isProcessAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  await waitUntil('the training process has ended', () => !isProcessAlive(pid));
});

test('passes on what the process writes to stderr, and keeps its last words for the log alone', async () => {
  const entry = path.join(folder.path, 'dying.mjs');
  await writeFile(
    entry,
    `process.once('message', () => {
      process.stderr.write('a warning\\nhunter2 ran out of memory');
      process.exit(3);
    });`,
  );
  const lines: string[] = [];
  const running = {
    signal: new AbortController().signal,
    stop: new AbortController().signal,
    listener: aListener(),
    onOutput: (line: string) => lines.push(line),
  };
  const order = await aTrainingOrder(folder.path);
  const crash = runInTrainingProcess(order, running, { entry: pathToFileURL(entry) });
  await expect(crash).rejects.toMatchObject({
    code: 'training_crashed',
    message: expect.not.stringContaining('hunter2'),
    cause: { message: 'the last lines that it wrote:\na warning\nhunter2 ran out of memory' },
  });
  expect(lines).toEqual(['a warning', 'hunter2 ran out of memory']);
});
