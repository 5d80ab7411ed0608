import { notFound, type Actor, type StoredJobEvent } from '#contracts';
import type { JobRepository } from './job-repository.port.js';
import type { JobWakeups } from './job-wakeups.port.js';
import { isFinal } from './lifecycle/job-states.js';
import { News } from './news.js';

export interface FollowJob {
  readonly jobs: Pick<JobRepository, 'find' | 'eventsAfter'>;
  readonly wakeups: Pick<JobWakeups, 'onJobEvents'>;
  readonly actor: Actor;
  readonly jobId: string;
  /** Only events behind this one. */
  readonly afterSequence: number;
  readonly signal: AbortSignal;
  /** Looks for events at least this often, because wake-ups may get lost. */
  readonly pollMs?: number;
}

const EVENTS_PER_READ = 500;

/**
 * A job's events as they are stored, in order and without a gap. Ends after the event of the final state, or on abort.
 * @throws AppError not_found
 */
export async function* followJob(options: FollowJob): AsyncGenerator<StoredJobEvent, void, undefined> {
  const { jobs, wakeups, actor, jobId, signal, pollMs = 1000 } = options;
  const news = new News();
  const tell = () => news.tell();
  const unsubscribe = wakeups.onJobEvents(jobId, tell);
  signal.addEventListener('abort', tell);
  let sequence = options.afterSequence;
  try {
    while (!signal.aborted) {
      news.read();
      // The job is read before its events: when it is final, all of its events are there already.
      const job = await jobs.find(actor, jobId);
      if (job === undefined) throw notFound('job', jobId);
      const events = await jobs.eventsAfter(actor, jobId, sequence, EVENTS_PER_READ);
      yield* events;
      sequence = events.at(-1)?.sequence ?? sequence;
      if (events.length === EVENTS_PER_READ) continue;
      if (isFinal(job)) return;
      await news.wait(pollMs);
    }
  } finally {
    signal.removeEventListener('abort', tell);
    unsubscribe();
  }
}
