import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { makeFirstKey } from '#access';
import { openQueue } from '#queue';
import {
  announceReady,
  createLogger,
  installShutdown,
  isochronVersion,
  onShutdown,
  readConfig,
  shutdown,
} from '#runtime';
import { wireService } from '#service';
import { DEFAULT_TEAM_ID, openStorage } from '#storage';
import { currentTraceparent, startTracing } from '#telemetry';
import { startBackgroundWork } from './background-work.js';
import { startApi } from './create-app.js';
import { collectGarbageEarly } from './heap-growth.js';
import { startDeliveries } from './webhooks/start-deliveries.js';
import { openWebhooks } from './webhooks/open-webhooks.js';
import { startRunLogging } from './mlflow/logging/start-run-logging.js';
import { apiMetrics } from './metrics/api-metrics.js';
import { readSigningKey } from './signing-keys/read-signing-key.js';
import { openRateLimiter } from './rate-limits/rate-limiter.js';

collectGarbageEarly();
const config = readConfig();
const logger = createLogger('api', config.logLevel);
installShutdown({ logger });

try {
  await start();
} catch (error) {
  logger.fatal({ err: error }, 'the API could not start');
  await shutdown(1, logger);
}

/** Opens the parts in the order in which they need each other; they are closed in the reverse one. */
async function start(): Promise<void> {
  const { databaseUrl, redisUrl, dataDir, host, port } = config;
  if (databaseUrl === undefined) throw new Error('DATABASE_URL is not set: expected postgres://...');
  if (config.tracing) onShutdown(await startTraces());
  const onError = (error: Error) => logger.warn({ err: error }, 'a connection failed');
  const artifactsUrl = config.artifactsUrl ?? path.join(dataDir, 'artifacts');
  const signingKey = await readSigningKey(config.signingKeyFile);
  const storage = await openStorage({
    ...{ databaseUrl, artifactsUrl, onError, traceparent: currentTraceparent },
    loggedJobs: config.mlflow,
  });
  onShutdown(() => storage.close());
  const queue = await openQueue({ databaseUrl, redisUrl, onError });
  onShutdown(() => queue.close());
  const service = wireService(storage, {
    signingKey,
    onError: (error) => logger.warn({ err: error }, 'work that nobody waits for failed'),
  });
  await makeFirstKey(service, DEFAULT_TEAM_ID, showFirstKey);
  await service.signingKeys.signer(); // makes it, on the first start
  const { webhookAllowPrivateAddresses: allowPrivateAddresses } = config;
  const webhooks = openWebhooks(storage, { allowPrivateAddresses, logger });
  const metrics = apiMetrics({
    ...{ storage, queue, logger, token: config.metricsToken },
    workers: () => service.workers.states(),
  });
  const api = await startApi(
    { service, webhooks: webhooks.service, queue, metrics, logger, ...httpParts(onError) },
    { host, port },
  );
  onShutdown(() => api.close());
  // Not before: building the API keeps the process busy, on a loaded machine for longer than a connection may take.
  const background = startBackgroundWork(service, queue, logger, config);
  onShutdown(() => background.stop());
  const deliveries = startDeliveries(webhooks.deliverer, storage.wakeups, logger);
  onShutdown(() => deliveries.stop());
  if (config.mlflow !== undefined) {
    const runLogging = startRunLogging(storage, config.mlflow, logger);
    onShutdown(() => runLogging.stop());
  }
  announceReady(api.url);
}

function startTraces(): Promise<() => Promise<void>> {
  return startTracing({
    ...{ name: 'isochron-api', version: isochronVersion(), instance: randomUUID() },
    onError: (message) => logger.warn(message),
  });
}

function httpParts(onError: (error: Error) => void) {
  const { dataDir, datasetRoots, trustedProxies, rateLimitPerMinute: perMinute, redisUrl } = config;
  const rateLimiter = perMinute === 0 ? undefined : openRateLimiter({ perMinute, redisUrl, onError });
  onShutdown(() => rateLimiter?.close());
  return { datasetRoots, trustedProxies, rateLimiter, uploads: { folder: path.join(dataDir, 'uploads') } };
}

/** On standard output: the log goes to standard error, and is kept. */
function showFirstKey(secret: string): void {
  process.stdout.write(`the first admin key, shown this once: ${secret}\n`);
}
