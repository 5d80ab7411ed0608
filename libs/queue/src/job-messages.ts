import type { JobQueue, TracedMessage } from '#jobs';
import type { WorkQueue } from './work-queue.js';

/** The port of jobs on the service's queues: what computes on datasets goes to `train.cpu`, everything else to `light`. */
export function jobMessages(queue: Pick<WorkQueue, 'enqueue'>): JobQueue {
  return {
    enqueue: ({ jobId, stage, generation, priority, traceparent }: TracedMessage) => {
      const how = { id: `${jobId}.${stage}.${generation}`, priority };
      return stage === 'train' || stage === 'adjust'
        ? queue.enqueue('train.cpu', { jobId, stage, generation, traceparent }, how)
        : queue.enqueue('light', { jobId, stage, generation, traceparent }, how);
    },
  };
}
