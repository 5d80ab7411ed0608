import type { JobMessage, JobQueue, RefusedMessages, TracedMessage } from '#jobs';
import type { QueuedMessage, WorkQueue } from './work-queue.js';

export type JobMessages = JobQueue & RefusedMessages;

/** The port of jobs on the service's queues. */
export function jobMessages(queue: Pick<WorkQueue, 'enqueue' | 'expedite'>): JobMessages {
  return {
    enqueue: (message) => {
      const { queue: name, data, ...how } = destinationOf(message);
      return queue.enqueue(name, data, how);
    },
    expedite: async (message) => {
      for (const name of trainingQueues(message.needsGpu ?? false)) await queue.expedite(name, idOf(message));
    },
  };
}

/**
 * What computes on datasets goes to `train.cpu`, or to `train.gpu` where a graphics card must do it; everything else to `light`. A
 * job that was pinned to a graphics card while its message was in `train.cpu` stays there.
 */
export function destinationOf(message: TracedMessage): QueuedMessage {
  const { jobId, stage, generation, priority, needsGpu = false, traceparent } = message;
  const how = { id: idOf(message), priority };
  if (stage !== 'train' && stage !== 'adjust')
    return { queue: 'light', data: { jobId, stage, generation, traceparent }, ...how };
  const [queue, unlessIn] = trainingQueues(needsGpu);
  return { queue, data: { jobId, stage, generation, traceparent }, ...how, unlessIn };
}

const idOf = ({ jobId, stage, generation }: JobMessage): string => `${jobId}.${stage}.${generation}`;

/** The one that a message belongs to first. */
const trainingQueues = (needsGpu: boolean) =>
  needsGpu ? (['train.gpu', 'train.cpu'] as const) : (['train.cpu', 'train.gpu'] as const);
