import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { pino } from 'pino';
import { readBundle } from '#bundle';
import { AppError, type Job, type TrainingOptions } from '#contracts';
import { describeDataset } from '#datasets';
import { ConsumerStopped, type Delivery } from '#queue';
import { wireService, type Service } from '#service';
import { processRegistry, WorkerMetrics } from '#telemetry';
import {
  aDataset,
  aJobRequest,
  temporaryFolder,
  testStorage,
  waitUntil,
  writeIdxFiles,
  type TestStorage,
} from '#testkit';
import { DatasetCache } from './dataset-cache.js';
import { ENDLESS_TRAINING, TINY_TRAINING, TRAINING_PROCESS } from './testing/training-orders.js';
import { TrainProcessor } from './train.processor.js';
import { TrainingFolders } from './training-folders.js';

const logger = pino({ level: 'silent' });
const metrics = new WorkerMetrics(processRegistry());

let store: TestStorage;
let service: Service;
let folder: { path: string; remove(): Promise<void> };
let datasetId: string;
beforeAll(async () => {
  store = await testStorage();
  service = wireService(store.storage);
  folder = await temporaryFolder('worker');
  const files = await writeIdxFiles(path.join(folder.path, 'dataset'));
  const description = await describeDataset({ format: 'idx', paths: files });
  const stored = await Promise.all(
    Object.entries(files).map(async ([name, file]) => [name, await store.storage.artifacts.putFile(file)]),
  );
  const dataset = aDataset(store.actor, {
    origin: 'upload',
    ...description,
    classCounts: [...description.classCounts],
    classNames: [...description.classNames],
    files: Object.fromEntries(stored),
  });
  await store.storage.datasets.create(dataset);
  datasetId = dataset.id;
});
afterAll(async () => {
  await store.close();
  await folder.remove();
});

const submit = (training: TrainingOptions, changes: object = {}): Promise<Job> =>
  service.jobs.submit(
    store.actor,
    aJobRequest({ datasetId, model: `m-${randomUUID().slice(0, 8)}`, training, ...changes }),
  );

/** Handles a job's message as the queue would deliver it. */
function handle(job: Job, changes: Partial<Delivery> = {}, onStart?: (pid: number) => void): Promise<void> {
  const processor = new TrainProcessor({
    jobs: service.jobs,
    storage: store.storage,
    datasetCache: new DatasetCache({
      folder: path.join(folder.path, 'cache'),
      maxBytes: 2 ** 20,
      artifacts: store.storage.artifacts,
      onEvictionError: (error) => logger.warn(error),
    }),
    logger,
    folders: new TrainingFolders(folder.path),
    engines: () => Promise.resolve([{ executor: 'onnxruntime', provider: 'cpu', available: true }]),
    concurrency: 1,
    metrics,
    process: { ...TRAINING_PROCESS, ...(onStart === undefined ? {} : { onStart }) },
  });
  const willRetry = (error: unknown) => !(error instanceof AppError) || error.retry;
  const delivery = { attemptsMade: 0, signal: new AbortController().signal, willRetry };
  return processor.process(
    { jobId: job.id, stage: job.stage as 'train' | 'adjust' },
    { ...delivery, ...changes },
  );
}

/** Handles a job's message, kills its training once `condition` holds, and resolves with what handling threw. */
async function handleAndKill(
  job: Job,
  changes: Partial<Delivery>,
  condition: () => Promise<boolean>,
): Promise<unknown> {
  let pid: number | undefined;
  let ended = false;
  const handled = handle(job, changes, (started) => (pid = started))
    .catch((error: unknown) => error)
    .finally(() => (ended = true));
  try {
    await waitUntil('what to kill', async () => ended || (pid !== undefined && (await condition())));
  } finally {
    if (pid !== undefined && !ended) process.kill(pid, 'SIGKILL');
  }
  return handled;
}

const current = (job: Job) => service.jobs.get(store.actor, job.id);
const nothingLeft = async () => expect(await readdir(path.join(folder.path, 'work'))).toEqual([]);
const checkpointsOf = (job: Job) => path.join(folder.path, 'checkpoints', job.id);
const keptCheckpoints = async (job: Job) =>
  existsSync(checkpointsOf(job))
    ? (await readdir(checkpointsOf(job))).filter((name) => !name.startsWith('.'))
    : [];
const eventsOf = async (job: Job) =>
  (await service.jobs.events(store.actor, job.id, 0)).map(({ event }) => event);

test('trains a job whose dataset lies in the artifact store, and stores bundle, progress and accuracies', async () => {
  const job = await submit(TINY_TRAINING);
  await handle(job);
  const trained = await current(job);
  expect(trained).toMatchObject({ state: 'queued', stage: 'publish', attempt: 1 });
  const bundle = await store.storage.artifacts.read(trained.candidate!.bundle.digest);
  expect(readBundle(bundle).manifest.metadata).toMatchObject({ jobId: job.id });
  const events = await eventsOf(job);
  expect(events.filter(({ type }) => type === 'progress').length).toBeGreaterThanOrEqual(4);
  expect(events.filter(({ type }) => type === 'accuracy')).toHaveLength(2);
  const { executor, seed, isochronVersion } = trained.candidate!;
  expect(isochronVersion).toMatch(/^\d+\./);
  expect({ ...executor, seed }).toMatchObject({
    ...{ name: 'onnxruntime', provider: 'cpu', threads: 1, seed: 1, cpuClass: expect.stringMatching(/ /) },
  });
  await nothingLeft();
  expect(existsSync(checkpointsOf(job))).toBe(false);
  await handle(job); // delivered twice: nothing to do
  expect((await current(job)).attempt).toBe(1);
});

test('a fault of the user fails the job at once', async () => {
  const job = await submit({ ...TINY_TRAINING, minChannels: 8 }, { ratios: [0, 0.95] });
  await expect(handle(job)).rejects.toMatchObject({ code: 'ratio_unreachable' });
  expect(await current(job)).toMatchObject({
    state: 'failed',
    error: { code: 'ratio_unreachable', fault: 'user', message: expect.stringContaining('0.95') },
  });
});

test('a crash is tried again from the newest checkpoint, until it is not', async () => {
  const job = await submit(ENDLESS_TRAINING);
  const kept = async () => (await keptCheckpoints(job)).some((name) => name >= '00000003.safetensors');
  expect(await handleAndKill(job, {}, kept)).toMatchObject({ code: 'training_crashed' });
  expect(await current(job)).toMatchObject({ state: 'queued', stage: 'train' });
  const resumed = async () => {
    const events = await eventsOf(job);
    return events.some(({ type }) => type === 'resumed') && events.at(-1)?.type === 'progress';
  };
  const last = await handleAndKill(job, { willRetry: () => false }, resumed);
  expect(last).toMatchObject({ message: expect.stringContaining('SIGKILL') });
  const steps = (await eventsOf(job)).flatMap((event) =>
    event.type === 'resumed' || event.type === 'progress' ? [{ type: event.type, ...event.progress }] : [],
  );
  const from = steps.findIndex(({ type }) => type === 'resumed');
  expect(steps[from]).toMatchObject({
    phase: 'joint',
    step: expect.any(Number),
    fraction: expect.any(Number),
  });
  expect(steps[from + 1]!.step).toBeGreaterThan(steps[from]!.step);
  expect(existsSync(checkpointsOf(job))).toBe(false);
  expect(await current(job)).toMatchObject({
    state: 'failed',
    attempt: 2,
    error: { code: 'training_crashed', fault: 'infrastructure' },
  });
  await nothingLeft();
});

test('an engine that this worker has not is tried again, then fails the job and says what it lacks', async () => {
  const engine = { executor: 'onnxruntime' as const, provider: 'cuda' as const };
  const job = await submit({ ...TINY_TRAINING, engine });
  await expect(handle(job)).rejects.toMatchObject({ code: 'engine_unavailable' });
  expect(await current(job)).toMatchObject({ state: 'queued', stage: 'train' }); // for a worker that has it
  await expect(handle(job, { willRetry: () => false })).rejects.toThrow('no engine');
  expect(await current(job)).toMatchObject({
    state: 'failed',
    error: {
      code: 'engine_unavailable',
      fault: 'infrastructure',
      message: expect.stringContaining('no engine for onnxruntime, provider cuda'),
    },
  });
  await nothingLeft();
});

test('a worker that stops lets go of the job and writes nothing more about it', async () => {
  const job = await submit(ENDLESS_TRAINING);
  const stop = new AbortController();
  const reason = new ConsumerStopped('the worker stops');
  await expect(handle(job, { signal: stop.signal }, () => stop.abort(reason))).rejects.toBe(reason);
  expect((await eventsOf(job)).at(-1)).toMatchObject({ type: 'state', state: 'running', attempt: 1 });
  await nothingLeft();
});

test('a worker whose job was taken by another one kills its training', async () => {
  const job = await submit(ENDLESS_TRAINING);
  await handle(job, {}, () => void service.jobs.begin(job.id, 'train'));
  expect(await current(job)).toMatchObject({ state: 'running', attempt: 2 });
  await nothingLeft();
});
