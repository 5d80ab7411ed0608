import { isochronVersion, onShutdown, type Config, type Logger } from '#runtime';
import { processRegistry, startMetricsServer, startTracing, WorkerMetrics } from '#telemetry';

export interface ObservedWorker {
  /** Tells it from all others. */
  readonly worker: string;
  readonly config: Pick<Config, 'metricsPort' | 'metricsToken' | 'host' | 'tracing'>;
  readonly logger: Logger;
}

export interface WorkerTelling {
  readonly metrics: WorkerMetrics;
  /** Where they are served. */
  readonly url: string | undefined;
}

/**
 * Starts traces, where the environment asks for them, and serves the worker's metrics, where a port is given; both end
 * with the process.
 * @throws the system's error when the port cannot be had
 */
export async function observeWorker({ worker, config, logger }: ObservedWorker): Promise<WorkerTelling> {
  const { tracing, metricsPort: port, metricsToken: token, host } = config;
  if (tracing) {
    const service = { name: 'isochron-worker', version: isochronVersion(), instance: worker };
    onShutdown(await startTracing({ ...service, onError: (message) => logger.warn(message) }));
  }
  const registry = processRegistry();
  const metrics = new WorkerMetrics(registry);
  if (port === undefined) return { metrics, url: undefined };
  const onError = (error: unknown) => logger.error({ err: error }, 'metrics could not be told');
  const server = await startMetricsServer({ host, port, registry, token, onError });
  onShutdown(() => server.close());
  logger.info({ url: server.url }, 'metrics are served');
  return { metrics, url: server.url };
}
