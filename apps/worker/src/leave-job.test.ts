import path from 'node:path';
import { pino } from 'pino';
import { MessageRefused, type Delivery } from '#queue';
import { wireService } from '#service';
import { processRegistry, WorkerMetrics } from '#telemetry';
import { aDataset, aJobRequest, aWorker, temporaryFolder, testStorage, type TestStorage } from '#testkit';
import { DatasetCache } from './dataset-cache.js';
import { HeldJobs } from './presence/held-jobs.js';
import { TRAINING_PROCESS } from './testing/training-orders.js';
import { TrainProcessor } from './train.processor.js';
import { TrainingFolders } from './training-folders.js';

const logger = pino({ level: 'silent' });
const delivery: Delivery = {
  ...{ attemptsMade: 0, signal: new AbortController().signal, willRetry: () => true },
};

let store: TestStorage;
let folder: { path: string; remove(): Promise<void> };
beforeAll(async () => {
  store = await testStorage();
  folder = await temporaryFolder('worker');
});
afterAll(async () => {
  await store.close();
  await folder.remove();
});

/** A worker that says that it has an engine on its CPU, on a machine that has none any more. */
async function anUnequippedWorker() {
  const service = wireService(store.storage);
  const worker = aWorker();
  await store.storage.workers.heartbeat(worker, []);
  const held = new HeldJobs();
  const changes: string[][] = [];
  held.onChange(() => changes.push(held.ids));
  const cache = { folder: path.join(folder.path, 'cache'), maxBytes: 2 ** 20 };
  const told = { times: 0 };
  const onEnginesChanged = async () => {
    told.times++;
    await store.storage.workers.heartbeat({ ...worker, engines: [] }, held.ids);
  };
  const processor = new TrainProcessor({
    ...{ reports: service.workerReports, admission: service.admission, storage: store.storage, logger, held },
    addenda: service.addenda,
    ...{ onEnginesChanged, worker, concurrency: 1, drainMs: 1000, process: TRAINING_PROCESS },
    metrics: new WorkerMetrics(processRegistry()),
    engines: () => Promise.resolve([{ executor: 'onnxruntime', provider: 'cpu', available: false }]),
    folders: new TrainingFolders(folder.path),
    datasetCache: new DatasetCache({
      ...cache,
      artifacts: store.storage.artifacts,
      onEvictionError: () => {},
    }),
  });
  return { service, processor, changes, told };
}

test('a worker whose engine is gone leaves the job to others: no attempt has failed, and it does not get the job again', async () => {
  const { service, processor, changes, told } = await anUnequippedWorker();
  const dataset = aDataset(store.actor, { files: {} });
  await store.storage.datasets.create(dataset);
  const job = await service.jobs.submit(store.actor, aJobRequest({ datasetId: dataset.id }));
  const message = { jobId: job.id, stage: 'train', generation: 0 } as const;

  await expect(processor.process(message, delivery)).rejects.toBeInstanceOf(MessageRefused);
  expect(told.times).toBe(1);
  expect(changes).toEqual([[job.id], []]);
  const left = await service.jobs.get(store.actor, job.id);
  expect(left).toMatchObject({ state: 'queued', attempt: 1 });
  expect(left.error).toBeUndefined();

  await expect(processor.process(message, delivery)).rejects.toBeInstanceOf(MessageRefused);
  expect(await service.jobs.get(store.actor, job.id)).toMatchObject({
    ...{ state: 'queued', attempt: 1 },
    waiting: { reason: 'no worker has an engine for the job (1 worker is alive)' },
  });
});
