import { setTimeout } from 'node:timers/promises';
import { notFound, type Actor, type StoredJobEvent } from '#contracts';
import type { JobRepository } from './job-repository.port.js';
import type { JobWakeups } from './job-wakeups.port.js';
import { isFinal } from './lifecycle/job-states.js';

export interface FollowJob {
  readonly jobs: JobRepository;
  readonly wakeups: JobWakeups;
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
  let news = new AbortController();
  const unsubscribe = wakeups.onJobEvents(jobId, () => news.abort());
  let sequence = options.afterSequence;
  try {
    while (!signal.aborted) {
      news = new AbortController();
      // The job is read before its events: when it is final, all of its events are there already.
      const job = await jobs.find(actor, jobId);
      if (job === undefined) throw notFound('job', jobId);
      const events = await jobs.eventsAfter(actor, jobId, sequence, EVENTS_PER_READ);
      yield* events;
      sequence = events.at(-1)?.sequence ?? sequence;
      if (events.length === EVENTS_PER_READ) continue;
      if (isFinal(job)) return;
      await pause(pollMs, AbortSignal.any([signal, news.signal]));
    }
  } finally {
    unsubscribe();
  }
}

/** Rejects with nothing but the abort, which only ends the pause. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => {});
}
