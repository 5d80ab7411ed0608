import type { Job } from '#contracts';
import { OutboxDispatcher, Reconciler, WaitingJobs } from '#jobs';
import { jobMessages, type WorkQueue } from '#queue';
import type { Logger } from '#runtime';
import type { Service } from '#service';
import { tracedQueue } from './traced-queue.js';

/** What keeps the queue in line with the database; any number of API processes may do it at once. */
export function startBackgroundWork(
  service: Service,
  workQueue: WorkQueue,
  logger: Logger,
): { stop(): Promise<void> } {
  const { storage, jobs } = service;
  const queue = jobMessages(tracedQueue(workQueue));
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
    ...{ cluster: storage.cluster, workers: storage.workers, wakeups: storage.wakeups, queue, onError },
    reports: service.workerReports,
    now: () => new Date(),
  });
  dispatcher.start();
  waiting.start();
  reconciler.start();
  return {
    stop: async () => {
      await dispatcher.stop();
      await reconciler.stop();
      await waiting.stop();
    },
  };
}
