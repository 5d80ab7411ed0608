import type { JobMessage, JobQueue, RefusedMessages } from '#jobs';
import type { WorkQueue } from './work-queue.js';

export type JobMessages = JobQueue & RefusedMessages;

/**
 * The port of jobs on the service's queues: what computes on datasets goes to `train.cpu`, or to `train.gpu` where a graphics card
 * must do it; everything else to `light`. A job that was pinned to a graphics card while its message was in `train.cpu` stays there.
 */
export function jobMessages(queue: Pick<WorkQueue, 'enqueue' | 'expedite'>): JobMessages {
  return {
    enqueue: (message) => {
      const { jobId, stage, generation, priority, needsGpu = false, traceparent } = message;
      const how = { id: idOf(message), priority };
      if (stage !== 'train' && stage !== 'adjust')
        return queue.enqueue('light', { jobId, stage, generation, traceparent }, how);
      const [name, other] = trainingQueues(needsGpu);
      return queue.enqueue(name, { jobId, stage, generation, traceparent }, { ...how, unlessIn: other });
    },
    expedite: async (message) => {
      for (const name of trainingQueues(message.needsGpu ?? false)) await queue.expedite(name, idOf(message));
    },
  };
}

const idOf = ({ jobId, stage, generation }: JobMessage): string => `${jobId}.${stage}.${generation}`;

/** The one that a message belongs to first. */
const trainingQueues = (needsGpu: boolean) =>
  needsGpu ? (['train.gpu', 'train.cpu'] as const) : (['train.cpu', 'train.gpu'] as const);
