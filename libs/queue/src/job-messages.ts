import type { JobMessage, JobQueue } from '#jobs';
import type { WorkQueue } from './work-queue.js';

/** The port of jobs on the service's queues: trainings go to `train.cpu`, everything else to `light`. */
export function jobMessages(queue: Pick<WorkQueue, 'enqueue'>): JobQueue {
  return {
    enqueue: ({ jobId, stage }: JobMessage) =>
      stage === 'train'
        ? queue.enqueue('train.cpu', { jobId }, `${jobId}.train`)
        : queue.enqueue('light', { jobId, stage }, `${jobId}.${stage}`),
  };
}
