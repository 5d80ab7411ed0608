import { adviceOn, AppError, type Job, type JobError, type JobEvent, type JobStage } from '#contracts';
import { isTrainingStage, needsGpu } from '../workers/route-job.js';
import { isAtWork, isOnDevice, isStopping } from './job-states.js';

/** Asks a worker to run one stage of a job. The database knows everything else. */
export interface JobMessage {
  readonly jobId: string;
  readonly stage: JobStage;
  /** A message of another generation than the job's is passed over. */
  readonly generation: number;
  readonly priority: number;
  /** Given where only a worker with a graphics card can do it. */
  readonly needsGpu?: true;
}

/**
 * What is to be done outside of the job once the transition is stored. Doing it twice, or late, does no harm; where whoever stored it
 * dies before, the reconciler does it.
 */
export interface CancelMeasuring {
  readonly type: 'cancel-measuring';
  readonly measuringTaskId: string;
}

/** What one input does to a job: all of it but the effects is written in one database transaction, or none of it. */
export interface Transition {
  /** The job afterwards; the very same object when nothing changes. */
  readonly job: Job;
  /** In order; stored at `job.updatedAt`. */
  readonly events: readonly JobEvent[];
  /** For the outbox. */
  readonly messages: readonly JobMessage[];
  readonly effects?: readonly CancelMeasuring[];
}

export function unchanged(job: Job): Transition {
  return { job, events: [], messages: [] };
}

export function touched(job: Job, now: Date): Job {
  return { ...job, updatedAt: now.toISOString() };
}

/** The job with an event about it, in the state that it has. */
export function told(job: Job, now: Date, ...events: JobEvent[]): Transition {
  return { job: touched(job, now), events, messages: [] };
}

/** Says why nobody goes on with the job, once per reason; without one, somebody does. */
export function waits(job: Job, reason: string | undefined, now: Date): Transition {
  if (job.waiting?.reason === reason) return unchanged(job);
  if (reason === undefined) return told({ ...job, waiting: undefined }, now);
  return told({ ...job, waiting: { reason, since: now.toISOString() } }, now, { type: 'waiting', reason });
}

export function messageOf(job: Job): JobMessage {
  const { id: jobId, stage, generation, priority } = job;
  const isForGpu = isTrainingStage(stage) && needsGpu(job);
  return { jobId, stage, generation, priority, ...(isForGpu && { needsGpu: true }) };
}

/** A transition that ends in `job`, with the event of its state. */
export function moved(job: Job, { withMessage = false, error = job.error } = {}): Transition {
  const { state, stage, attempt, version } = job;
  const event: JobEvent = {
    ...{ type: 'state', state, stage, attempt },
    ...(error !== undefined && { error }),
    ...(version !== undefined && { version }),
  };
  return { job, events: [event], messages: withMessage ? [messageOf(job)] : [] };
}

type Changes = Partial<Job> & Pick<Job, 'state'>;

export function changed(
  job: Job,
  changes: Changes,
  now: Date,
  how: { withMessage?: boolean } = {},
): Transition {
  return moved(touched({ ...job, held: undefined, ...changes, waiting: undefined }, now), how);
}

/** Ends the job. */
export function ended(job: Job, changes: Changes, now: Date): Transition {
  return changed(job, { ...changes, finishedAt: now.toISOString() }, now);
}

/** Ends the job, with advice: whoever reports the error need not give any. */
export function endedByError(job: Job, error: JobError, now: Date): Transition {
  return ended(job, { state: 'failed', error: { ...error, advice: adviceOn(error.code) } }, now);
}

/** The state in which a stage waits to be worked on: on the device nobody says when work begins. */
const entryState = (stage: JobStage): 'running' | 'queued' => (isOnDevice(stage) ? 'running' : 'queued');

/** A stage is done: the job enters the next one, unless it has been asked to stop. */
export function entered(job: Job, stage: JobStage, now: Date): Transition {
  const next = { ...job, stage, progress: undefined, attemptsBefore: job.attempt };
  if (isStopping(job)) return halted(next, now);
  return changed(next, { state: entryState(stage) }, now, { withMessage: true });
}

/** A user asked for it: the job goes on in its stage, and whatever is in the queue from before counts no more. */
export function requeued(job: Job, changes: Partial<Job>, now: Date): Transition {
  const next = {
    ...job,
    ...{ error: undefined, finishedAt: undefined, progress: undefined },
    ...{ generation: job.generation + 1, attemptsBefore: job.attempt },
    ...changes,
  };
  // The device is asked anew; behind that, the job is published by what was measured last.
  const asked = isOnDevice(next.stage) ? { ...next, measuringTaskId: undefined } : next;
  return changed(asked, { state: entryState(next.stage) }, now, { withMessage: true });
}

/** Where a job goes that is asked to stop, once nobody is at work on it. */
export function halted(job: Job, now: Date): Transition {
  if (job.state === 'cancelling') return ended(job, { state: 'cancelled' }, now);
  return changed(job, { state: 'paused' }, now);
}

/** @throws AppError attempt_superseded */
export function fence(job: Job, attempt: number, stage: JobStage): void {
  if (isAtWork(job) && job.attempt === attempt && job.stage === stage && !isOnDevice(job.stage)) return;
  throw new AppError(
    'attempt_superseded',
    `attempt ${attempt} of stage ${stage} no longer holds job "${job.id}": ` +
      `it is ${job.state} in stage ${job.stage}, attempt ${job.attempt}`,
  );
}
