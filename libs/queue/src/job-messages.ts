import type { JobMessage, JobQueue, RefusedMessages, TracedMessage } from '#jobs';
import type { QueueName } from './catalogue.js';
import type { EnqueueOptions, WorkQueue } from './work-queue.js';

export type JobMessages = JobQueue & RefusedMessages;

/**
 * The port of jobs on the service's queues: what computes on datasets goes to `train.cpu`, or to `train.gpu` where a graphics card
 * must do it; everything else to `light`. A job that was pinned to a graphics card while its message was in `train.cpu` stays there.
 */
export function jobMessages(
  queue: Pick<WorkQueue, 'enqueue' | 'enqueueAll' | 'missing' | 'expedite'>,
): JobMessages {
  return {
    enqueue: (message) => queue.enqueue<QueueName>(queueOf(message), dataOf(message), howOf(message)),
    enqueueAll: (messages) =>
      byQueue(messages, (name, some) =>
        queue.enqueueAll<QueueName>(
          name,
          some.map((message) => ({ data: dataOf(message), how: howOf(message) })),
        ),
      ),
    missing: async (messages) => {
      const isMissing = await byQueue(messages, async (name, some) => {
        const ids = await queue.missing(name, some.map(howOf));
        return some.map((message) => ids.has(idOf(message)));
      });
      return messages.filter((_message, index) => isMissing[index]);
    },
    expedite: async (message) => {
      for (const name of trainingQueues(message)) await queue.expedite(name, idOf(message));
    },
  };
}

/** Does something with the messages of each queue. @returns what came of every message, in their order */
async function byQueue<Message extends JobMessage, Result>(
  messages: readonly Message[],
  work: (name: QueueName, some: readonly Message[]) => Promise<readonly Result[]>,
): Promise<Result[]> {
  const results = new Map<Message, Result>();
  const works = [...new Set(messages.map(queueOf))].map(async (name) => {
    const some = messages.filter((message) => queueOf(message) === name);
    const done = await work(name, some);
    some.forEach((message, index) => results.set(message, done[index]!));
  });
  await Promise.all(works);
  return messages.map((message) => results.get(message)!);
}

const isTraining = ({ stage }: JobMessage): boolean => stage === 'train' || stage === 'adjust';

const queueOf = (message: JobMessage): QueueName =>
  isTraining(message) ? trainingQueues(message)[0] : 'light';

/** The one that a message belongs to first. */
const trainingQueues = ({ needsGpu }: JobMessage) =>
  needsGpu === true ? (['train.gpu', 'train.cpu'] as const) : (['train.cpu', 'train.gpu'] as const);

const idOf = ({ jobId, stage, generation }: JobMessage): string => `${jobId}.${stage}.${generation}`;

const howOf = (message: JobMessage): EnqueueOptions => ({
  ...{ id: idOf(message), priority: message.priority },
  ...(isTraining(message) && { unlessIn: trainingQueues(message)[1] }),
});

const dataOf = ({ jobId, stage, generation, traceparent }: TracedMessage) => {
  return { jobId, stage, generation, traceparent };
};
