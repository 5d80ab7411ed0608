import { randomUUID } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { AppError } from '#contracts';
import { probeEngines } from '#engine';
import { Repeater } from '#jobs';
import { openQueue, type WorkQueue } from '#queue';
import { announceReady, createLogger, installShutdown, onShutdown, readConfig, shutdown } from '#runtime';
import { wireService } from '#service';
import { openStorage, type Storage } from '#storage';
import { currentTraceparent, type WorkerMetrics } from '#telemetry';
import { sweepCheckpoints } from './checkpoints/sweep-checkpoints.js';
import { DatasetCache } from './dataset-cache.js';
import { knownEngines, newestEngines } from './known-engines.js';
import { LightProcessor } from './light.processor.js';
import { observeWorker } from './observability/observe-worker.js';
import { observedHandler } from './observability/observed-handler.js';
import { describeWorker } from './presence/describe-worker.js';
import { HeldJobs } from './presence/held-jobs.js';
import { WorkerPresence } from './presence/worker-presence.js';
import { WorkerQueues } from './presence/worker-queues.js';
import { TrainProcessor } from './train.processor.js';
import { TrainingFolders } from './training-folders.js';

/** Short work waits for databases, not for cores. */
const LIGHT_CONCURRENCY = 4;
/** What a worker does after its trainings have stopped: it hands their jobs back. */
const CLOSE_MARGIN_MS = 10_000;
const SWEEP_EVERY_MS = 60 * 60 * 1000;

const config = readConfig();
/** Tells this worker from all others in logs, metrics and traces. */
const worker = config.workerName ?? `${os.hostname()}-${process.pid}`;
const logger = createLogger('worker', config.logLevel).child({ worker });
installShutdown({ logger, timeoutMs: config.drainMs + 2 * CLOSE_MARGIN_MS });

try {
  await start();
} catch (error) {
  logger.fatal({ err: error }, 'the worker could not start');
  await shutdown(1, logger);
}

/** Opens the parts in the order in which they need each other; they are closed in the reverse one. */
async function start(): Promise<void> {
  const { databaseUrl, redisUrl, dataDir } = config;
  if (databaseUrl === undefined) throw new Error('DATABASE_URL is not set: expected postgres://...');
  const { metrics, url } = await observeWorker({ worker, config, logger });
  const onError = (error: Error) => logger.warn({ err: error }, 'a connection failed');
  const artifactsUrl = config.artifactsUrl ?? path.join(dataDir, 'artifacts');
  const storage = await openStorage({ databaseUrl, artifactsUrl, onError, traceparent: currentTraceparent });
  onShutdown(() => storage.close());
  await checkTeam(storage);
  const queue = await openQueue({ databaseUrl, redisUrl, onError });
  onShutdown(() => queue.close());
  const folders = new TrainingFolders(dataDir);
  const sweeps = hourlySweeps(folders, storage);
  sweeps.start();
  onShutdown(() => sweeps.stop());
  await work(storage, queue, folders, metrics);
  announceReady(url);
}

/** Takes messages, and has others know of it. */
async function work(
  storage: Storage,
  queue: WorkQueue,
  folders: TrainingFolders,
  metrics: WorkerMetrics,
): Promise<void> {
  const { workerConcurrency: concurrency, drainMs } = config;
  const identity = { id: randomUUID(), name: worker, startedAt: new Date(), config };
  const engines = knownEngines(probeEngines);
  const newest = newestEngines(engines);
  const { id, name, queues: names } = describeWorker(identity, await newest());
  const { jobs, workerReports: reports, jobCalibration: calibration, ...service } = wireService(storage);
  const { admission, registry, addenda, sweeps } = service;
  const datasetCache = openDatasetCache(storage);
  const light = new LightProcessor({
    ...{ jobs, reports, calibration, registry, logger },
    worker: { id, name },
  });
  const held = new HeldJobs();
  const train: TrainProcessor = new TrainProcessor({
    ...{ reports, admission, storage, datasetCache, logger, concurrency, folders, drainMs, engines, held },
    ...{ metrics, addenda, worker: { id, name } },
    onEnginesChanged: () => presence.tell(),
    process: { entry: new URL('./training.child.js', import.meta.url) },
  });
  const queues = new WorkerQueues({
    ...{ queue, names, concurrency, lightConcurrency: LIGHT_CONCURRENCY },
    train: (from, ...message) =>
      observedHandler(from, metrics, (...handled) => train.process(...handled))(...message),
    light: observedHandler('light', metrics, (message, delivery) =>
      message.stage === 'gather' ? sweeps.look(message.sweepId) : light.process(message, delivery),
    ),
    closeTimeoutMs: drainMs + CLOSE_MARGIN_MS,
    onIdle: () => presence.kick(),
  });
  const presence: WorkerPresence = new WorkerPresence({
    ...{ id, workers: storage.workers, wakeups: storage.wakeups, held, queues },
    describe: async () => describeWorker(identity, await newest()),
    onError: (error) => logger.warn({ err: error }, 'the worker could not tell of itself'),
    onPhase: ({ phase, drainMode }) => logger.info({ phase, drainMode }, `the worker is ${phase}`),
  });
  onShutdown(async () => {
    await presence.leave();
    await queue.close();
    await presence.gone();
  });
  await presence.start();
  await queues.open();
}

function openDatasetCache({ artifacts }: Pick<Storage, 'artifacts'>): DatasetCache {
  return new DatasetCache({
    folder: path.join(config.dataDir, 'cache', 'datasets'),
    ...{ maxBytes: config.datasetCacheBytes, artifacts },
    onEvictionError: (error) => logger.warn({ err: error }, 'the dataset cache could not be trimmed'),
  });
}

/** @throws Error naming WORKER_TEAM where there is no such team */
async function checkTeam({ cluster }: Pick<Storage, 'cluster'>): Promise<void> {
  const { workerTeam } = config;
  if (workerTeam === undefined) return;
  await cluster.limitsOf(workerTeam).catch((cause: unknown) => {
    if (!(cause instanceof AppError) || cause.code !== 'not_found') throw cause;
    throw new Error(`WORKER_TEAM="${workerTeam}": expected the id of a team`, { cause });
  });
}

/** Jobs that were trained here may end on another machine, and nobody tells this one. */
function hourlySweeps(
  folders: TrainingFolders,
  storage: Pick<Storage, 'jobs' | 'objectFiles' | 'removeUnfinishedArtifacts'>,
): Repeater {
  const load = (jobId: string) => storage.jobs.load(jobId);
  const onError = (error: unknown) => logger.warn({ err: error }, 'what was left behind could not be swept');
  const sweep = async () => {
    await folders.sweep(load).catch(onError);
    await sweepCheckpoints(storage.objectFiles, load, new Date()).catch(onError);
    await storage.removeUnfinishedArtifacts().catch(onError);
  };
  return new Repeater(sweep, { intervalMs: SWEEP_EVERY_MS, onError });
}
