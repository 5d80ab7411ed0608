import {
  isTrainingStage,
  type JobMessage,
  type JobQueue,
  type RefusedMessages,
  type TracedMessage,
} from '#jobs';
import type { QueueName } from './catalogue.js';
import type { QueuedMessage, WorkQueue } from './work-queue.js';

export type JobMessages = JobQueue & RefusedMessages;

/** The port of jobs on the service's queues. */
export function jobMessages(
  queue: Pick<WorkQueue, 'enqueue' | 'enqueueAll' | 'missing' | 'expedite'>,
): JobMessages {
  return {
    enqueue: (message) => {
      const { queue: name, data, ...how } = destinationOf(message);
      return queue.enqueue(name, data, how);
    },
    enqueueAll: (messages) =>
      byQueue(messages, (name, some) =>
        queue.enqueueAll<QueueName>(
          name,
          some.map(({ queue: _, data, ...how }) => ({ data, how })),
        ),
      ),
    missing: async (messages) => {
      const isMissing = await byQueue(messages, async (name, some) => {
        const ids = await queue.missing(name, some);
        return some.map(({ id }) => ids.has(id));
      });
      return messages.filter((_message, index) => isMissing[index]);
    },
    expedite: async (message) => {
      for (const name of trainingQueues(message.needsGpu ?? false)) await queue.expedite(name, idOf(message));
    },
  };
}

/** Does something with the messages of each queue. @returns what came of every message, in their order */
async function byQueue<Result>(
  messages: readonly TracedMessage[],
  work: (name: QueueName, some: readonly QueuedMessage[]) => Promise<readonly Result[]>,
): Promise<Result[]> {
  const queued = messages.map(destinationOf);
  const results = new Map<QueuedMessage, Result>();
  const works = [...new Set(queued.map(({ queue }) => queue))].map(async (name) => {
    const some = queued.filter(({ queue }) => queue === name);
    const done = await work(name, some);
    some.forEach((message, index) => results.set(message, done[index]!));
  });
  await Promise.all(works);
  return queued.map((message) => results.get(message)!);
}

/**
 * What computes on datasets goes to `train.cpu`, or to `train.gpu` where a graphics card must do it; everything else to `light`. A
 * job that was pinned to a graphics card while its message was in `train.cpu` stays there.
 */
export function destinationOf(message: TracedMessage): QueuedMessage {
  const { jobId, stage, generation, priority, needsGpu = false, traceparent } = message;
  const how = { id: idOf(message), priority };
  if (!isTrainingStage(stage))
    return { queue: 'light', data: { jobId, stage, generation, traceparent }, ...how };
  const [queue, unlessIn] = trainingQueues(needsGpu);
  return { queue, data: { jobId, stage, generation, traceparent }, ...how, unlessIn };
}

const idOf = ({ jobId, stage, generation }: JobMessage): string => `${jobId}.${stage}.${generation}`;

/** The one that a message belongs to first. */
const trainingQueues = (needsGpu: boolean) =>
  needsGpu ? (['train.gpu', 'train.cpu'] as const) : (['train.cpu', 'train.gpu'] as const);
