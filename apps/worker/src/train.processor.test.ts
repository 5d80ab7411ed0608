import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { pino } from 'pino';
import { readBundle } from '#bundle';
import { AppError, type Job, type TrainingOptions } from '#contracts';
import { describeIdxDataset } from '#datasets';
import { ConsumerStopped, type Delivery } from '#queue';
import { wireService, type Service } from '#service';
import {
  aDataset,
  aJobRequest,
  temporaryFolder,
  testStorage,
  writeIdxFiles,
  type TestStorage,
} from '#testkit';
import { ENDLESS_TRAINING, TINY_TRAINING, TRAINING_PROCESS } from './testing/training-orders.js';
import { TrainProcessor } from './train.processor.js';

const logger = pino({ level: 'silent' });

let store: TestStorage;
let service: Service;
let folder: { path: string; remove(): Promise<void> };
let datasetId: string;
beforeAll(async () => {
  store = await testStorage();
  service = wireService(store.storage);
  folder = await temporaryFolder('worker');
  const files = await writeIdxFiles(path.join(folder.path, 'dataset'));
  const description = await describeIdxDataset(files);
  const stored = await Promise.all(
    Object.entries(files).map(async ([name, file]) => [name, await store.storage.artifacts.putFile(file)]),
  );
  const dataset = aDataset(store.actor, {
    origin: 'upload',
    ...description,
    classCounts: [...description.classCounts],
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
    logger,
    workFolder: path.join(folder.path, 'work'),
    concurrency: 1,
    process: { ...TRAINING_PROCESS, ...(onStart === undefined ? {} : { onStart }) },
  });
  const willRetry = (error: unknown) => !(error instanceof AppError) || error.retry;
  const delivery = { attemptsMade: 0, signal: new AbortController().signal, willRetry };
  return processor.process({ jobId: job.id }, { ...delivery, ...changes });
}

const current = (job: Job) => service.jobs.get(store.actor, job.id);
const nothingLeft = async () => expect(await readdir(path.join(folder.path, 'work'))).toEqual([]);

test('trains a job whose dataset lies in the artifact store, and stores bundle, progress and accuracies', async () => {
  const job = await submit(TINY_TRAINING);
  await handle(job);
  const trained = await current(job);
  expect(trained).toMatchObject({ state: 'queued', stage: 'publish', attempt: 1 });
  const bundle = await store.storage.artifacts.read(trained.candidate!.bundle.digest);
  expect(readBundle(bundle).manifest.metadata).toMatchObject({ jobId: job.id });
  const events = (await service.jobs.events(store.actor, job.id, 0)).map(({ event }) => event);
  expect(events.filter(({ type }) => type === 'progress').length).toBeGreaterThanOrEqual(4);
  expect(events.filter(({ type }) => type === 'accuracy')).toHaveLength(2);
  await nothingLeft();
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

test('a crash is tried again, until it is not', async () => {
  const job = await submit(ENDLESS_TRAINING);
  const kill = (pid: number) => process.kill(pid, 'SIGKILL');
  await expect(handle(job, {}, kill)).rejects.toMatchObject({ code: 'training_crashed' });
  expect(await current(job)).toMatchObject({ state: 'queued', stage: 'train' });
  await expect(handle(job, { willRetry: () => false }, kill)).rejects.toThrow('SIGKILL');
  expect(await current(job)).toMatchObject({
    state: 'failed',
    attempt: 2,
    error: { code: 'training_crashed', fault: 'infrastructure' },
  });
  await nothingLeft();
});

test('a worker that stops lets go of the job and writes nothing more about it', async () => {
  const job = await submit(ENDLESS_TRAINING);
  const stop = new AbortController();
  const reason = new ConsumerStopped('the worker stops');
  await expect(handle(job, { signal: stop.signal }, () => stop.abort(reason))).rejects.toBe(reason);
  const events = await service.jobs.events(store.actor, job.id, 0);
  expect(events.at(-1)?.event).toMatchObject({ type: 'state', state: 'running', attempt: 1 });
  await nothingLeft();
});

test('a worker whose job was taken by another one kills its training', async () => {
  const job = await submit(ENDLESS_TRAINING);
  await handle(job, {}, () => void service.jobs.begin(job.id, 'train'));
  expect(await current(job)).toMatchObject({ state: 'running', attempt: 2 });
  await nothingLeft();
});
