import { z } from 'zod';
import { Id, JobStage } from '#contracts';
import { TRAINING_STAGES } from '#jobs';

interface QueueEntry {
  readonly data: z.ZodType<{ jobId: string } | { sweepId: string }>;
  /** Tries of a message whose handler fails through no fault of the user. */
  readonly attempts: number;
  /** The first pause; each is twice the one before, up to a minute. */
  readonly backoff: { readonly type: 'capped'; readonly delay: number };
  /** A worker that does not renew its lock for so long is taken for dead. */
  readonly lockDurationMs: number;
  /** How often a message may outlive the worker that held it. */
  readonly maxStalledCount: number;
}

/** W3C trace context of what sent the message. */
const Traceparent = z.string().max(100).optional();

const stageMessage = <S extends JobStage>(stages: readonly S[]) =>
  z.strictObject({
    jobId: Id,
    stage: JobStage.extract(stages),
    generation: z.number().int().min(0).default(0),
    traceparent: Traceparent,
  });

/** Asks for a look at a sweep: jobs may be released, or compared. */
const sweepMessage = z.strictObject({ sweepId: Id, stage: z.literal('gather'), traceparent: Traceparent });

/** A job knows whether its attempts get anywhere, a message does not: the job ends them. */
const AS_LONG_AS_THE_JOB_SAYS = { attempts: 1000, maxStalledCount: 1000 };

const LONGEST_BACKOFF_MS = 60_000;

/** The pause before a message's next try. @param attemptsMade tries that failed, at least 1 */
export function backoffMs({ delay }: QueueEntry['backoff'], attemptsMade: number): number {
  return Math.min(LONGEST_BACKOFF_MS, delay * 2 ** (attemptsMade - 1));
}

/** Every queue of the service, with what its messages look like and how they are retried. */
export const QUEUES = {
  /** Trainings that only a graphics card can do. */
  'train.gpu': {
    data: stageMessage(TRAINING_STAGES),
    ...AS_LONG_AS_THE_JOB_SAYS,
    backoff: { type: 'capped', delay: 2000 },
    lockDurationMs: 15_000,
  },
  /**
   * Trainings, and what is derived from them; each runs in a child process, so the worker's event loop is free to renew the
   * lock.
   */
  'train.cpu': {
    data: stageMessage(TRAINING_STAGES),
    ...AS_LONG_AS_THE_JOB_SAYS,
    backoff: { type: 'capped', delay: 2000 },
    lockDurationMs: 15_000,
  },
  /** Short work: has devices measure, calibrates, publishes, gathers sweeps. */
  light: {
    data: z.discriminatedUnion('stage', [
      stageMessage(['measure', 'calibrate', 'verify', 'publish']),
      sweepMessage,
    ]),
    attempts: 6,
    backoff: { type: 'capped', delay: 1000 },
    lockDurationMs: 15_000,
    maxStalledCount: 3,
  },
} as const satisfies Record<string, QueueEntry>;

export type QueueName = keyof typeof QUEUES;
export type QueueData<N extends QueueName> = z.infer<(typeof QUEUES)[N]['data']>;

/** Finished messages are kept for a look at them; the database has the truth. */
export const KEEP_COMPLETED = { age: 3600, count: 1000 };
export const KEEP_FAILED = { age: 7 * 24 * 3600, count: 1000 };

/** @throws QueueMessageError naming the queue and every field that is not as its schema says */
export function parseQueueData<N extends QueueName>(name: N, data: unknown): QueueData<N> {
  const entry = entryOf(name);
  const parsed = entry.data.safeParse(data);
  if (parsed.success) return parsed.data as QueueData<N>;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'data'}: ${issue.message}`);
  throw new QueueMessageError(`a message of queue "${name}" is not valid: ${faults.join('; ')}`);
}

/** @throws QueueMessageError when the catalogue has no such queue */
export function entryOf(name: string): QueueEntry {
  const entry = Object.hasOwn(QUEUES, name) ? QUEUES[name as QueueName] : undefined;
  if (entry !== undefined) return entry;
  throw new QueueMessageError(`there is no queue "${name}"; expected ${Object.keys(QUEUES).join(' or ')}`);
}

/** A message that no retry will make valid. */
export class QueueMessageError extends Error {
  override readonly name = 'QueueMessageError';
}
