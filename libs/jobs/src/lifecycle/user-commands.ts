import { AppError, LastStage, type Job } from '#contracts';
import type { InputOf } from './job-input.js';
import { isFinal, isOnDevice } from './job-states.js';
import { stageAfter } from './stage-results.js';
import { changed, ended, messageOf, requeued, told, unchanged, type Transition } from './transitions.js';

/** At once where no worker holds the job; otherwise it is asked to stop. */
export function cancel(job: Job, now: Date): Transition {
  if (job.state === 'cancelled' || job.state === 'cancelling') return unchanged(job);
  if (isFinal(job)) throw conflict(job, 'cancelled', 'a job that has not ended');
  if (isHeldByWorker(job)) return changed(job, { state: 'cancelling' }, now);
  const { measuringTaskId } = job;
  const next = ended(job, { state: 'cancelled' }, now);
  if (!isOnDevice(job.stage) || measuringTaskId === undefined) return next;
  return { ...next, effects: [{ type: 'cancel-measuring', measuringTaskId }] };
}

/** What a device measures is measured to its end; a worker keeps a checkpoint and stops. */
export function pause(job: Job, now: Date): Transition {
  if (job.held) return changed(job, { state: 'paused' }, now);
  if (job.state === 'paused' || job.state === 'pausing') return unchanged(job);
  if (isFinal(job) || job.state === 'cancelling') throw conflict(job, 'paused', 'a queued or running job');
  const isBusy = job.state === 'running' && (!isOnDevice(job.stage) || job.measuringTaskId !== undefined);
  return changed(job, { state: isBusy ? 'pausing' : 'paused' }, now);
}

export function resume(job: Job, now: Date): Transition {
  if (job.state === 'queued' || job.state === 'running') return unchanged(job);
  if (job.state !== 'paused') throw conflict(job, 'resumed', 'a paused job');
  return requeued(job, {}, now);
}

/** Goes on where the job ended, from its last checkpoint. */
export function retry(job: Job, now: Date): Transition {
  if (job.state !== 'failed' && job.state !== 'cancelled') {
    throw conflict(job, 'retried', 'a failed or cancelled job');
  }
  return requeued(job, {}, now);
}

/** Takes a job that succeeded with an earlier last stage further. */
export function goOn(job: Job, { until }: InputOf<'continue'>, now: Date): Transition {
  const stages = LastStage.options;
  const next = stageAfter(job.until, job);
  const isLater = stages.indexOf(until) > stages.indexOf(job.until);
  if (job.state !== 'succeeded' || next === undefined || !isLater) {
    const expected = `a job that succeeded with an earlier last stage than ${until}`;
    throw conflict(job, `continued until ${until}`, `${expected}; this one's is ${job.until}`);
  }
  return requeued(job, { until, stage: next }, now);
}

/** A message that waits is moved to its new place in the queue. */
export function prioritise(job: Job, { priority }: InputOf<'prioritise'>, now: Date): Transition {
  if (isFinal(job)) throw conflict(job, 'given another priority', 'a job that has not ended');
  if (job.priority === priority) return unchanged(job);
  const next = told({ ...job, priority }, now, { type: 'priority', priority });
  return job.state === 'queued' ? { ...next, messages: [messageOf(next.job)] } : next;
}

function isHeldByWorker(job: Job): boolean {
  return (job.state === 'running' || job.state === 'pausing') && !isOnDevice(job.stage);
}

function conflict(job: Job, what: string, expected: string): AppError {
  const detail = `job "${job.id}" is ${job.state} and cannot be ${what}: expected ${expected}`;
  return new AppError('job_state_conflict', detail);
}
