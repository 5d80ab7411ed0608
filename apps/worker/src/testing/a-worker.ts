import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { pino } from 'pino';
import { AppError, type Job } from '#contracts';
import { describeDataset } from '#datasets';
import type { Delivery } from '#queue';
import { cpuClass } from '#runtime';
import { wireService, type Service } from '#service';
import { processRegistry, WorkerMetrics } from '#telemetry';
import {
  aDataset,
  aJobRequest,
  aWorker,
  temporaryFolder,
  testStorage,
  writeIdxFiles,
  type TestStorage,
} from '#testkit';
import { DatasetCache } from '../dataset-cache.js';
import { LightProcessor } from '../light.processor.js';
import { HeldJobs } from '../presence/held-jobs.js';
import { TrainProcessor } from '../train.processor.js';
import { TrainingFolders } from '../training-folders.js';
import { TRAINING_PROCESS } from './training-orders.js';

const logger = pino({ level: 'silent' });
const metrics = new WorkerMetrics(processRegistry());

export interface AWorker {
  readonly store: TestStorage;
  readonly service: Service;
  /** Its data directory. */
  readonly folder: string;
  readonly name?: string;
  readonly drainMs?: number;
  readonly held?: HeldJobs;
  readonly onStart?: (pid: number) => void;
}

/** A worker over storage of its own, with a dataset that its jobs may train on. */
export interface WorkerWorld extends AWorker {
  readonly datasetId: string;
  close(): Promise<void>;
}

/** @param name of its folder */
export async function openWorkerWorld(name: string): Promise<WorkerWorld> {
  const store = await testStorage();
  const folder = await temporaryFolder(name);
  const datasetId = await storeDataset(store);
  const close = async () => {
    await store.close();
    await folder.remove();
  };
  return { store, service: wireService(store.storage), folder: folder.path, datasetId, close };
}

/** A delivery as the queue makes it, of a message that is tried again where that may help. */
export function aDelivery(changes: Partial<Delivery> = {}): Delivery {
  const willRetry = (error: unknown) => !(error instanceof AppError) || error.retry;
  return { attemptsMade: 0, signal: new AbortController().signal, willRetry, ...changes };
}

/** What a worker process trains with; the worker is known to the service. */
async function aTrainProcessor({
  store: { storage },
  service: { workerReports: reports, admission, addenda },
  folder,
  name = 'worker',
  drainMs = 60_000,
  held = new HeldJobs(),
  onStart,
}: AWorker): Promise<TrainProcessor> {
  const worker = aWorker({ name, cpuClass: cpuClass() });
  await storage.workers.heartbeat(worker, []);
  return new TrainProcessor({
    ...{ reports, admission, addenda, storage, logger, metrics, drainMs, worker, held, concurrency: 1 },
    onEnginesChanged: () => Promise.resolve(),
    datasetCache: new DatasetCache({
      ...{ folder: path.join(folder, 'cache'), maxBytes: 2 ** 20, artifacts: storage.artifacts },
      onEvictionError: (error) => logger.warn(error),
    }),
    folders: new TrainingFolders(folder),
    engines: () => Promise.resolve([{ executor: 'onnxruntime', provider: 'cpu', available: true }]),
    process: { ...TRAINING_PROCESS, ...(onStart && { onStart }) },
  });
}

/** What a worker process does short work with. */
export function aLightProcessor(service: Service): LightProcessor {
  const { jobs, workerReports: reports, jobCalibration: calibration, registry } = service;
  const worker = { id: randomUUID(), name: 'worker' };
  return new LightProcessor({ jobs, reports, calibration, registry, worker, logger });
}

/** Handles the message of the job's stage the way a worker does. */
export async function work(job: Job, worker: AWorker, changes: Partial<Delivery> = {}): Promise<void> {
  const { stage, generation } = job;
  const delivery = aDelivery(changes);
  if (stage === 'train' || stage === 'adjust' || stage === 'derive') {
    const processor = await aTrainProcessor(worker);
    return processor.process({ jobId: job.id, stage, generation }, delivery);
  }
  return aLightProcessor(worker.service).process({ jobId: job.id, stage, generation }, delivery);
}

/** Stores a tiny dataset; its files lie in the artifact store alone. */
export async function storeDataset({ storage, actor, folder }: TestStorage): Promise<string> {
  const files = await writeIdxFiles(path.join(folder, 'dataset'));
  const description = await describeDataset({ format: 'idx', paths: files });
  const stored = await Promise.all(
    Object.entries(files).map(async ([name, file]) => [name, await storage.artifacts.putFile(file)]),
  );
  const dataset = aDataset(actor, {
    ...{ origin: 'upload', ...description, files: Object.fromEntries(stored) },
    ...{ classCounts: [...description.classCounts], classNames: [...description.classNames] },
  });
  await storage.datasets.create(dataset);
  return dataset.id;
}

/** Submits a job of a model of its own. */
export function submit(
  { store, service }: Pick<AWorker, 'store' | 'service'>,
  changes: Parameters<typeof aJobRequest>[0],
): Promise<Job> {
  const model = `m-${randomUUID().slice(0, 8)}`;
  return service.jobs.submit(store.actor, aJobRequest({ model, ...changes }));
}
