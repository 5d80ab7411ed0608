import { AppError, type Job, type JobEvent } from '#contracts';
import { areFutile } from './attempts.js';
import type { InputOf } from './job-input.js';
import { isAt } from './job-place.js';
import { isFinal, isOnDevice, isStopping } from './job-states.js';
import {
  changed,
  endedByError,
  fence,
  halted,
  moved,
  told,
  touched,
  unchanged,
  waits,
  type Transition,
} from './transitions.js';

/**
 * Nothing changes when the stage is over or not reached, or the job goes on under another generation: the message is an old one.
 * Whoever held the job before is fenced off; if it had been asked to stop, it has, by that.
 */
export function begun(job: Job, { stage, generation, worker }: InputOf<'begun'>, now: Date): Transition {
  if (isFinal(job) || job.state === 'paused') return unchanged(job);
  if (job.stage !== stage || job.generation !== generation) return unchanged(job);
  if (isStopping(job)) return isOnDevice(stage) ? unchanged(job) : halted(job, now);
  const startedAt = job.startedAt ?? now.toISOString();
  const fresh = { attempt: job.attempt + 1, progress: undefined, lastRecord: undefined };
  return changed(job, { state: 'running', startedAt, ...fresh, ...(worker && { worker }) }, now);
}

/** The first attempt that says what it runs on says it for all. */
export function pinned(job: Job, { attempt, pin }: InputOf<'pinned'>, now: Date): Transition {
  fence(job, attempt, job.stage);
  return job.pin === undefined ? reported({ ...job, pin }, now) : unchanged(job);
}

export function progressed(job: Job, { attempt, progress }: InputOf<'progressed'>, now: Date): Transition {
  fence(job, attempt, progress.stage);
  return reported({ ...job, progress }, now, { type: 'progress', progress });
}

/** Progress begins where the checkpoint is, and not at nothing. */
export function resumed(job: Job, { attempt, record, progress }: InputOf<'resumed'>, now: Date): Transition {
  fence(job, attempt, progress.stage);
  if (isTold(job, record)) return unchanged(job);
  return reported({ ...job, progress, lastRecord: record }, now, { type: 'resumed', attempt, progress });
}

export function logged(job: Job, { attempt, record, log }: InputOf<'logged'>, now: Date): Transition {
  fence(job, attempt, job.stage);
  if (isTold(job, record)) return unchanged(job);
  return reported({ ...job, lastRecord: record }, now, { type: 'log', attempt, ...log });
}

/** The worker repeats itself where it did not hear that a record is stored. */
const isTold = ({ lastRecord = 0 }: Job, record: number): boolean => record <= lastRecord;

/**
 * Steps that are stored are not stored again: an attempt that goes on from a checkpoint does some steps twice, to the same bits.
 * @throws AppError attempt_superseded; internal when steps in between are missing, which would be a gap for ever
 */
export function metricsTaken(job: Job, { attempt, batch }: InputOf<'metrics-taken'>, now: Date): Transition {
  fence(job, attempt, job.stage);
  const { series, firstStep, losses } = batch;
  const stored = job.metricSteps[series] ?? 0;
  const last = firstStep + losses.length - 1;
  if (last <= stored) return unchanged(job);
  if (firstStep > stored + 1) {
    const missing = `steps ${stored + 1} to ${firstStep - 1} of series "${series}" of job "${job.id}"`;
    throw new AppError('internal', `the metrics of ${missing} were never sent`);
  }
  const fresh = { ...batch, firstStep: stored + 1, losses: losses.slice(stored + 1 - firstStep) };
  const metricSteps = { ...job.metricSteps, [series]: last };
  return reported({ ...job, metricSteps }, now, { type: 'metrics', attempt, ...fresh });
}

/** Something is kept: what failed before it was not in vain. */
export function checkpointed(job: Job, input: InputOf<'checkpointed'>, now: Date): Transition {
  const { attempt, record, checkpoint, progress } = input;
  fence(job, attempt, progress.stage);
  if (isTold(job, record)) return unchanged(job);
  return reported({ ...job, checkpoint, attemptsBefore: attempt - 1, lastRecord: record }, now, {
    type: 'checkpoint',
    attempt,
    progress,
  });
}

/** Nothing was asked of a job that is not about to stop: its worker has repeated itself. */
export function stopped(job: Job, { attempt }: InputOf<'stopped'>, now: Date): Transition {
  return job.attempt === attempt && isStopping(job) && !isOnDevice(job.stage)
    ? halted(job, now)
    : unchanged(job);
}

/** By the reconciler: whatever the worker may still say is refused. */
export function silent(job: Job, { stage, generation }: InputOf<'silent'>, now: Date): Transition {
  const isMeant = job.stage === stage && job.generation === generation;
  return isMeant && isStopping(job) && !isOnDevice(stage) ? halted(job, now) : unchanged(job);
}

/** Without a message: the queue still has the one that this attempt took. It counts for nothing that could kill workers. */
export function released(job: Job, { attempt, reason }: InputOf<'released'>, now: Date): Transition {
  fence(job, attempt, job.stage);
  if (isStopping(job)) return halted(job, now);
  const next = changed({ ...job, attemptsBefore: job.attemptsBefore + 1 }, { state: 'queued' }, now);
  return { ...next, events: [{ type: 'log', attempt, level: 'info', message: reason }, ...next.events] };
}

/**
 * With `willRetry` the job waits for the queue to deliver its message again, and tells why all the same; unless attempt after attempt
 * has failed and nothing is kept of them.
 */
export function failed(job: Job, { attempt, error, willRetry }: InputOf<'failed'>, now: Date): Transition {
  fence(job, attempt, job.stage);
  if (job.state === 'cancelling') return halted(job, now);
  if (!willRetry || areFutile(job)) return endedByError(job, error, now);
  const state = job.state === 'pausing' ? 'paused' : 'queued';
  return moved(touched({ ...job, state, progress: undefined }, now), { error });
}

export function refused(job: Job, { generation, reason }: InputOf<'refused'>, now: Date): Transition {
  const isMeant = job.state === 'queued' && job.generation === generation;
  return isMeant ? waits(job, reason, now) : unchanged(job);
}

/** By whoever looks after all jobs: one that is to be worked on may be with nobody who does. */
export function stalled(job: Job, { place, reason }: InputOf<'stalled'>, now: Date): Transition {
  const isMeant = (job.state === 'running' || job.state === 'pausing') && isAt(job, place);
  return isMeant ? waits(job, reason, now) : unchanged(job);
}

/** Its worker says something of the job: it waits for nobody. */
function reported(job: Job, now: Date, ...events: JobEvent[]): Transition {
  return told({ ...job, waiting: undefined }, now, ...events);
}
