import type { JobQueue, TracedMessage } from '#jobs';
import type { QueuedMessage, WorkQueue } from './work-queue.js';

/** The port of jobs on the service's queues. */
export function jobMessages(queue: Pick<WorkQueue, 'enqueue'>): JobQueue {
  return {
    enqueue: (message) => {
      const { queue: name, data, ...how } = destinationOf(message);
      return queue.enqueue(name, data, how);
    },
  };
}

/** What computes on datasets goes to `train.cpu`, everything else to `light`. */
export function destinationOf(message: TracedMessage): QueuedMessage {
  const { jobId, stage, generation, priority, traceparent } = message;
  const how = { id: `${jobId}.${stage}.${generation}`, priority };
  return stage === 'train' || stage === 'adjust'
    ? { queue: 'train.cpu', data: { jobId, stage, generation, traceparent }, ...how }
    : { queue: 'light', data: { jobId, stage, generation, traceparent }, ...how };
}
