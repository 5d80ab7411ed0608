import type { JobMessage, JobQueue, TracedMessage } from '#jobs';
import type { QueueName } from './catalogue.js';
import type { WorkQueue } from './work-queue.js';

/** The port of jobs on the service's queues: what computes on datasets goes to `train.cpu`, everything else to `light`. */
export function jobMessages(queue: Pick<WorkQueue, 'enqueue' | 'enqueueAll' | 'missing'>): JobQueue {
  return {
    enqueue: (message) => {
      const { stage } = message;
      return isTraining(stage)
        ? queue.enqueue('train.cpu', { ...dataOf(message), stage }, howOf(message))
        : queue.enqueue('light', { ...dataOf(message), stage }, howOf(message));
    },
    enqueueAll: (messages) =>
      byQueue(messages, (name, some) => queue.enqueueAll<QueueName>(name, some.map(queuedOf))),
    missing: async (messages) => {
      const isMissing = await byQueue(messages, async (name, some) => {
        const ids = await queue.missing(name, some.map(howOf));
        return some.map((message) => ids.has(idOf(message)));
      });
      return messages.filter((_message, index) => isMissing[index]);
    },
  };
}

type TrainingStage = 'train' | 'adjust';

const isTraining = (stage: JobMessage['stage']): stage is TrainingStage =>
  stage === 'train' || stage === 'adjust';

const queueOf = ({ stage }: JobMessage): QueueName => (isTraining(stage) ? 'train.cpu' : 'light');

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

const idOf = ({ jobId, stage, generation }: JobMessage): string => `${jobId}.${stage}.${generation}`;

const howOf = (message: JobMessage) => ({ id: idOf(message), priority: message.priority });

const dataOf = ({ jobId, generation, traceparent }: TracedMessage) => ({ jobId, generation, traceparent });

const queuedOf = (message: TracedMessage) => ({
  data: { ...dataOf(message), stage: message.stage },
  how: howOf(message),
});
