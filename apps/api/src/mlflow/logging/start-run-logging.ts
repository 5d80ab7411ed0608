import { Repeater } from '#jobs';
import { RunLogger } from '#mlflow';
import type { Logger, MlflowServer } from '#runtime';
import type { Storage } from '#storage';
import { HttpTrackingServer } from './http-tracking-server.js';

const INTERVAL_MS = 1_000;
/** How long requests that are under way may take once the service stops; another process asks what became of one that is broken off. */
const GRACE_MS = 3_000;

const AWAY = 'MLflow does not take what jobs tell: it is kept, and tried again until it does';

/** Logs jobs to an MLflow server until it is stopped; any number of API processes may do it at once. */
export function startRunLogging(
  { mlflowRuns: runs }: Pick<Storage, 'mlflowRuns'>,
  server: MlflowServer,
  logger: Logger,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { url, experimentName } = server;
  const runLogger = new RunLogger({
    ...{ runs, experimentName, nowMs: () => performance.now() },
    server: new HttpTrackingServer(server, stopping.signal),
    onAway: (error) => {
      if (!stopping.signal.aborted) logger.warn({ err: error, url }, AWAY);
    },
    onBack: () => logger.info({ url }, 'MLflow takes what jobs tell again'),
    onRefused: (jobId, error) =>
      logger.warn(
        { err: error, jobId },
        'MLflow refuses what a job tells: nothing more of it is logged there',
      ),
  });
  let isEnrolled = false;
  const logOnce = async () => {
    if (!isEnrolled) await runs.enrol();
    isEnrolled = true;
    await runLogger.log();
  };
  const onError = (error: unknown) => logger.error({ err: error }, 'jobs could not be logged to MLflow');
  const repeater = new Repeater(logOnce, { intervalMs: INTERVAL_MS, onError });
  repeater.start();
  return {
    stop: async () => {
      const timer = setTimeout(() => stopping.abort(), GRACE_MS);
      await repeater.stop();
      clearTimeout(timer);
    },
  };
}
