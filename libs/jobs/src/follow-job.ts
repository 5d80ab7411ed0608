import { notFound, type Actor, type StoredJobEvent } from '#contracts';
import { followEvents } from './follow-events.js';
import type { JobRepository } from './job-repository.port.js';
import type { JobWakeups } from './job-wakeups.port.js';
import { isFinal } from './lifecycle/job-states.js';

export interface FollowJob {
  readonly jobs: Pick<JobRepository, 'find' | 'eventsAfter'>;
  /** These may tell of nothing new, too. */
  readonly wakeups: Pick<JobWakeups, 'onJobEvents'>;
  readonly actor: Actor;
  readonly jobId: string;
  /** Only events behind this one. */
  readonly afterSequence: number;
  readonly signal: AbortSignal;
}

/**
 * A job's events as they are stored, in order and without a gap. Ends after the event of the final state, or on abort.
 * @throws AppError not_found
 */
export function followJob(options: FollowJob): AsyncGenerator<StoredJobEvent, void, undefined> {
  const { jobs, wakeups, actor, jobId, afterSequence, signal } = options;
  return followEvents({
    ...{ afterSequence, signal },
    isOver: async () => {
      const job = await jobs.find(actor, jobId);
      if (job === undefined) throw notFound('job', jobId);
      return isFinal(job);
    },
    eventsAfter: (sequence, limit) => jobs.eventsAfter(actor, jobId, sequence, limit),
    subscribe: (listener) => wakeups.onJobEvents(jobId, listener),
  });
}
