import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { readBundle } from '#bundle';
import type { JobProgress } from '#contracts';
import { isProcessAlive } from '#runtime';
import { temporaryFolder, TYPESCRIPT_NODE_OPTIONS, waitUntil, writeIdxFiles } from '#testkit';
import {
  aTrainingOrder,
  ENDLESS_TRAINING,
  TINY_TRAINING,
  TRAINING_PROCESS,
} from './testing/training-orders.js';
import type { TrainingOrder } from './training-messages.js';
import { runInTrainingProcess } from './training-process.js';

let folder: { path: string; remove(): Promise<void> };
beforeEach(async () => void (folder = await temporaryFolder('training')));
afterEach(() => folder.remove());

interface Run {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: JobProgress, pid: number) => void;
}

/** Trains in a real process, which must be gone afterwards. */
async function train(order: TrainingOrder, { signal, onProgress }: Run = {}) {
  let pid = 0;
  try {
    return await runInTrainingProcess(
      order,
      {
        signal: signal ?? new AbortController().signal,
        onProgress: (progress) => onProgress?.(progress, pid),
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
          await writeFile(order.dataset.files.testLabels, 'none');
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
    const order = await aTrainingOrder(folder.path, { threads: 0 });
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
