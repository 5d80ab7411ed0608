import type { JobMessage, JobQueue } from '#jobs';
import type { WorkQueue } from './work-queue.js';

/** The port of jobs on the service's queues: what computes on datasets goes to `train.cpu`, everything else to `light`. */
export function jobMessages(queue: Pick<WorkQueue, 'enqueue'>): JobQueue {
  return {
    enqueue: ({ jobId, stage, generation, priority }: JobMessage) => {
      const how = { id: `${jobId}.${stage}.${generation}`, priority };
      return stage === 'train' || stage === 'adjust'
        ? queue.enqueue('train.cpu', { jobId, stage, generation }, how)
        : queue.enqueue('light', { jobId, stage, generation }, how);
    },
  };
}
