import path from 'node:path';
import { openQueue } from '#queue';
import { announceReady, createLogger, installShutdown, onShutdown, readConfig, shutdown } from '#runtime';
import { wireService } from '#service';
import { openStorage } from '#storage';
import { LightProcessor } from './light.processor.js';
import { TrainProcessor } from './train.processor.js';

/** Short work waits for databases, not for cores. */
const LIGHT_CONCURRENCY = 4;

const config = readConfig();
const logger = createLogger('worker', config.logLevel);
installShutdown({ logger });

try {
  await start();
} catch (error) {
  logger.fatal({ err: error }, 'the worker could not start');
  await shutdown(1, logger);
}

/** Opens the parts in the order in which they need each other; they are closed in the reverse one. */
async function start(): Promise<void> {
  const { databaseUrl, redisUrl, dataDir, workerConcurrency: concurrency } = config;
  if (databaseUrl === undefined) throw new Error('DATABASE_URL is not set: expected postgres://...');
  const onError = (error: Error) => logger.warn({ err: error }, 'a connection failed');
  const artifactsUrl = config.artifactsUrl ?? path.join(dataDir, 'artifacts');
  const storage = await openStorage({ databaseUrl, artifactsUrl, onError });
  onShutdown(() => storage.close());
  const queue = await openQueue({ databaseUrl, redisUrl, onError });
  onShutdown(() => queue.close());
  const { jobs, registry } = wireService(storage);
  const light = new LightProcessor({ jobs, registry, logger });
  const train = new TrainProcessor({
    ...{ jobs, storage, logger, concurrency },
    workFolder: path.join(dataDir, 'work'),
    process: { entry: new URL('./training.child.js', import.meta.url) },
  });
  await queue.consume('light', (...message) => light.process(...message), {
    concurrency: LIGHT_CONCURRENCY,
  });
  await queue.consume('train.cpu', (...message) => train.process(...message), { concurrency });
  announceReady();
}
