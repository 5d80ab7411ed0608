import type { Job } from '#contracts';
import {
  OutboxDispatcher,
  Reconciler,
  Repeater,
  SweepDispatch,
  SweepReconciler,
  WaitingJobs,
  type SweepQueue,
} from '#jobs';
import { jobMessages, sweepMessages, type WorkQueue } from '#queue';
import type { Config, Logger } from '#runtime';
import { Housekeeping, type Service } from '#service';
import { tracedQueue } from './traced-queue.js';

/** What keeps the queue in line with the database; any number of API processes may do it at once. */
export function startBackgroundWork(
  service: Service,
  workQueue: WorkQueue,
  logger: Logger,
  kept: Pick<Config, 'modelRetentionMs' | 'artifactGraceMs'>,
): { stop(): Promise<void> } {
  const { storage, jobs } = service;
  const traced = tracedQueue(workQueue);
  const queue = jobMessages(traced);
  const onError = (error: unknown, job?: Job) => {
    const { id: jobId, stage, attempt } = job ?? {};
    logger.error({ err: error, jobId, stage, attempt }, 'work in the background failed');
  };
  const dispatcher = new OutboxDispatcher({
    ...{ outbox: storage.outbox, wakeups: storage.wakeups, queue, onError },
  });
  const reconciler = new Reconciler({
    ...{ jobs: storage.jobs, service: jobs, queue, onError },
    now: () => new Date(),
  });
  const waiting = new WaitingJobs({
    ...{ jobs: storage.jobs, workers: storage.workers, wakeups: storage.wakeups, queue, onError },
    ...{ idle: service.idleJobs, reports: service.workerReports },
    now: () => new Date(),
  });
  const deployments = startDeploymentWork(service, onError);
  const sweeps = startSweepWork(service, sweepMessages(traced), onError);
  const housekeeping = hourlyHousekeeping(service, kept, onError);
  dispatcher.start();
  housekeeping.start();
  waiting.start();
  reconciler.start();
  return {
    stop: async () => {
      await dispatcher.stop();
      await reconciler.stop();
      await waiting.stop();
      await sweeps.stop();
      await housekeeping.stop();
      await deployments.stop();
    },
  };
}

const HOUR_MS = 3_600_000;

function hourlyHousekeeping(
  { storage }: Service,
  {
    modelRetentionMs: retentionMs,
    artifactGraceMs: graceMs,
  }: Pick<Config, 'modelRetentionMs' | 'artifactGraceMs'>,
  onError: (error: unknown) => void,
): Repeater {
  const now = () => new Date();
  const housekeeping = new Housekeeping({ storage, retentionMs, graceMs, now, onError });
  return new Repeater(() => housekeeping.run(), { intervalMs: HOUR_MS, onError });
}

const DEPLOYMENTS_EVERY_MS = 15_000;
/** Whoever completes a measuring task makes its deployment at once, unless it dies. */
const DEPLOYMENT_GRACE_MS = 30_000;

/** Deployments of devices that were measured again by processes that died before they had made them. */
function startDeploymentWork({ deployments }: Service, onError: (error: unknown) => void): Repeater {
  const settle = () => deployments.settleMissed(new Date(Date.now() - DEPLOYMENT_GRACE_MS));
  const repeater = new Repeater(settle, { intervalMs: DEPLOYMENTS_EVERY_MS, onError });
  repeater.start();
  return repeater;
}

/** The same for sweeps. */
function startSweepWork(
  { storage, sweeps: service }: Service,
  queue: SweepQueue,
  onError: (error: unknown) => void,
): { stop(): Promise<void> } {
  const { sweeps, sweepOutbox: outbox, wakeups } = storage;
  const dispatcher = new OutboxDispatcher({
    ...{ outbox, wakeups, onError, queue: new SweepDispatch({ sweeps, queue }) },
  });
  const reconciler = new SweepReconciler({ sweeps, service, onError, now: () => new Date() });
  dispatcher.start();
  reconciler.start();
  return {
    stop: async () => {
      await dispatcher.stop();
      await reconciler.stop();
    },
  };
}
