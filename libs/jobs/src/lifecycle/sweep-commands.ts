import { AppError, type Job } from '#contracts';
import { changed, requeued, unchanged, type Transition } from './transitions.js';

/** A job that is paused, or has ended without success, goes on once its sweep releases it. */
export function hold(job: Job, now: Date): Transition {
  if (job.held) return unchanged(job);
  if (job.state !== 'paused' && job.state !== 'failed' && job.state !== 'cancelled') {
    const expected = 'a paused, failed or cancelled job';
    const detail = `job "${job.id}" is ${job.state} and cannot be held: expected ${expected}`;
    throw new AppError('job_state_conflict', detail);
  }
  const next = { ...job, error: undefined, finishedAt: undefined, progress: undefined };
  return changed(next, { state: 'paused', held: true }, now);
}

/** Nothing where a user has decided otherwise meanwhile. */
export function release(job: Job, now: Date): Transition {
  return job.held ? requeued(job, {}, now) : unchanged(job);
}
