import { randomUUID } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import { probeEngines } from '#engine';
import { openQueue } from '#queue';
import { announceReady, createLogger, installShutdown, onShutdown, readConfig, shutdown } from '#runtime';
import { wireService } from '#service';
import { openStorage, type Storage } from '#storage';
import { currentTraceparent } from '#telemetry';
import { sweepCheckpoints } from './checkpoints/sweep-checkpoints.js';
import { DatasetCache } from './dataset-cache.js';
import { knownEngines } from './known-engines.js';
import { LightProcessor } from './light.processor.js';
import { observeWorker } from './observability/observe-worker.js';
import { observedHandler } from './observability/observed-handler.js';
import { TrainProcessor } from './train.processor.js';
import { TrainingFolders } from './training-folders.js';

/** Short work waits for databases, not for cores. */
const LIGHT_CONCURRENCY = 4;
/** What a worker does after its trainings have stopped: it hands their jobs back. */
const CLOSE_MARGIN_MS = 10_000;
const SWEEP_EVERY_MS = 60 * 60 * 1000;

const config = readConfig();
/** Tells this worker from all others in logs, metrics and traces. */
const worker = `${os.hostname()}-${process.pid}`;
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
  const {
    databaseUrl,
    redisUrl,
    dataDir,
    datasetCacheBytes,
    workerConcurrency: concurrency,
    drainMs,
  } = config;
  if (databaseUrl === undefined) throw new Error('DATABASE_URL is not set: expected postgres://...');
  const metrics = await observeWorker({ worker, config, logger });
  const onError = (error: Error) => logger.warn({ err: error }, 'a connection failed');
  const artifactsUrl = config.artifactsUrl ?? path.join(dataDir, 'artifacts');
  const storage = await openStorage({ databaseUrl, artifactsUrl, onError, traceparent: currentTraceparent });
  onShutdown(() => storage.close());
  const queue = await openQueue({ databaseUrl, redisUrl, onError });
  onShutdown(() => queue.close());
  const {
    jobs,
    sweeps,
    workerReports: reports,
    jobCalibration: calibration,
    registry,
  } = wireService(storage);
  const light = new LightProcessor({ jobs, reports, calibration, registry, logger });
  const folders = new TrainingFolders(dataDir);
  await sweepHourly(folders, storage);
  const datasetCache = new DatasetCache({
    folder: path.join(dataDir, 'cache', 'datasets'),
    maxBytes: datasetCacheBytes,
    artifacts: storage.artifacts,
    onEvictionError: (error) => logger.warn({ err: error }, 'the dataset cache could not be trimmed'),
  });
  const train = new TrainProcessor({
    ...{ reports, storage, datasetCache, logger, concurrency, folders, metrics, drainMs },
    worker: { id: randomUUID(), name: worker },
    engines: knownEngines(probeEngines),
    process: { entry: new URL('./training.child.js', import.meta.url) },
  });
  const handleLight = observedHandler('light', metrics, (message, delivery) =>
    message.stage === 'gather' ? sweeps.look(message.sweepId) : light.process(message, delivery),
  );
  await queue.consume('light', handleLight, { concurrency: LIGHT_CONCURRENCY });
  const handleTraining = observedHandler('train.cpu', metrics, (...message) => train.process(...message));
  await queue.consume('train.cpu', handleTraining, {
    concurrency,
    closeTimeoutMs: drainMs + CLOSE_MARGIN_MS,
  });
  announceReady();
}

/** Jobs that were trained here may end on another machine, and nobody tells this one. */
async function sweepHourly(
  folders: TrainingFolders,
  { jobs, objectFiles }: Pick<Storage, 'jobs' | 'objectFiles'>,
): Promise<void> {
  const load = (jobId: string) => jobs.load(jobId);
  const sweep = async () => {
    await folders.sweep(load);
    await sweepCheckpoints(objectFiles, load, new Date());
  };
  await sweep();
  const onError = (error: unknown) => logger.warn({ err: error }, 'what ended jobs left could not be swept');
  const timer = setInterval(() => void sweep().catch(onError), SWEEP_EVERY_MS).unref();
  onShutdown(() => clearInterval(timer));
}
