import {
  AppError,
  FINAL_JOB_STATES,
  type Candidate,
  type Job,
  type JobError,
  type JobEvent,
  type JobLog,
  type JobProgress,
  type JobStage,
  type VerifiedPoint,
} from '#contracts';

/** Asks a worker to run one stage of a job. The database knows everything else. */
export interface JobMessage {
  readonly jobId: string;
  readonly stage: JobStage;
}

/** What happened to a job. Inputs with an `attempt` come from a worker and are refused when another attempt took over. */
export type JobInput =
  | { readonly type: 'begun'; readonly stage: JobStage }
  | { readonly type: 'progressed'; readonly attempt: number; readonly progress: JobProgress }
  | { readonly type: 'resumed'; readonly attempt: number; readonly progress: JobProgress }
  | { readonly type: 'logged'; readonly attempt: number; readonly log: JobLog }
  | { readonly type: 'trained'; readonly attempt: number; readonly candidate: Candidate }
  | { readonly type: 'measuring-requested'; readonly measuringTaskId: string }
  | {
      readonly type: 'measured';
      readonly measuringTaskId: string;
      /** What all measurements of the candidate so far have shown. */
      readonly points: readonly VerifiedPoint[];
    }
  | { readonly type: 'adjusted'; readonly attempt: number; readonly candidate: Candidate }
  | { readonly type: 'verification-failed'; readonly measuringTaskId: string; readonly error: JobError }
  | { readonly type: 'published'; readonly attempt: number; readonly version: number }
  | {
      readonly type: 'failed';
      readonly attempt: number;
      readonly error: JobError;
      readonly willRetry: boolean;
    }
  | { readonly type: 'given-up'; readonly error: JobError };

/** What one input does to a job: all of it is written in one database transaction, or none of it. */
export interface Transition {
  /** The job afterwards; the very same object when nothing changes. */
  readonly job: Job;
  /** In order; stored at `job.updatedAt`. */
  readonly events: readonly JobEvent[];
  /** For the outbox. */
  readonly messages: readonly JobMessage[];
}

/** A candidate is measured so often at most: the first time and after each adjustment. */
export const VERIFICATION_ROUNDS = 8;

type InputOf<T extends JobInput['type']> = Extract<JobInput, { type: T }>;

/**
 * The life of a job: train -> verify (only with a device) -> publish -> succeeded, or failed from anywhere. Where a point
 * misses the target, verify -> adjust -> verify, a few times at most.
 *
 * `queued`: a worker is to begin the stage. `running`: a worker (or, in stage verify, the device) is at work.
 * Pure. Results that were applied before change nothing, so that their sender may repeat itself. `attempt` counts the
 * begins of all stages and never falls, so that an old worker is told from a new one across stages too.
 * @throws AppError attempt_superseded when the input comes from an attempt that another one took over
 */
export function transition(job: Job, input: JobInput, now: Date): Transition {
  switch (input.type) {
    case 'begun':
      return begun(job, input, now);
    case 'progressed':
      return progressed(job, input, now);
    case 'resumed':
      return resumed(job, input, now);
    case 'logged':
      return logged(job, input, now);
    case 'trained':
      return trained(job, input, now);
    case 'measuring-requested':
      return measuringRequested(job, input, now);
    case 'measured':
      return measured(job, input, now);
    case 'adjusted':
      return adjusted(job, input, now);
    case 'verification-failed':
      return waitsFor(job, input.measuringTaskId) ? end(job, input.error, now) : unchanged(job);
    case 'published':
      return published(job, input, now);
    case 'failed':
      return failed(job, input, now);
    case 'given-up':
      return isFinal(job) ? unchanged(job) : end(job, input.error, now);
  }
}

/** The first transition of a job: it waits for a worker that trains it. */
export function submission(job: Job): Transition {
  return { job, events: [stateEvent(job)], messages: [{ jobId: job.id, stage: job.stage }] };
}

export function isFinal(job: Job): boolean {
  return FINAL_JOB_STATES.includes(job.state);
}

/** Nothing changes when the stage is over or not reached: its message came twice. */
function begun(job: Job, input: InputOf<'begun'>, now: Date): Transition {
  if (isFinal(job) || job.stage !== input.stage) return unchanged(job);
  const startedAt = job.startedAt ?? now.toISOString();
  return stateChange(
    { ...job, state: 'running', attempt: job.attempt + 1, startedAt, progress: undefined },
    now,
  );
}

function progressed(job: Job, input: InputOf<'progressed'>, now: Date): Transition {
  fence(job, input.attempt, input.progress.stage);
  const next = touched({ ...job, progress: input.progress }, now);
  return { job: next, events: [{ type: 'progress', progress: input.progress }], messages: [] };
}

/** Progress begins where the checkpoint is, and not at nothing. */
function resumed(job: Job, { attempt, progress }: InputOf<'resumed'>, now: Date): Transition {
  fence(job, attempt, progress.stage);
  const next = touched({ ...job, progress }, now);
  return { job: next, events: [{ type: 'resumed', attempt, progress }], messages: [] };
}

function logged(job: Job, { attempt, log }: InputOf<'logged'>, now: Date): Transition {
  fence(job, attempt, job.stage);
  return { job: touched(job, now), events: [{ type: 'log', attempt, ...log }], messages: [] };
}

function trained(job: Job, input: InputOf<'trained'>, now: Date): Transition {
  if (job.attempt === input.attempt && job.candidate?.bundle.digest === input.candidate.bundle.digest)
    return unchanged(job);
  fence(job, input.attempt, 'train');
  const stage = job.deviceId === undefined ? 'publish' : 'verify';
  const next = enterStage({ ...job, candidate: input.candidate }, stage, now);
  return { ...next, events: [...accuracyEvents(input.candidate.ratios), ...next.events] };
}

/** No event: the stage stays the same; the task is shown by the job itself. */
function measuringRequested(job: Job, input: InputOf<'measuring-requested'>, now: Date): Transition {
  if (job.stage !== 'verify' || isFinal(job) || job.measuringTaskId !== undefined) return unchanged(job);
  const next = touched({ ...job, measuringTaskId: input.measuringTaskId }, now);
  return { job: next, events: [], messages: [] };
}

/** Goes on to be published, or back for another round where that may help. */
function measured(job: Job, { measuringTaskId, points }: InputOf<'measured'>, now: Date): Transition {
  if (!waitsFor(job, measuringTaskId)) return unchanged(job);
  const before = job.verification ?? { rounds: 0, measuringTaskIds: [] };
  const rounds = before.rounds + 1;
  const verification = {
    rounds,
    measuringTaskIds: [...before.measuringTaskIds, measuringTaskId],
    points: [...points],
  };
  const wanted = points.flatMap(({ nextRatio }) => nextRatio ?? []);
  if (wanted.length === 0 || rounds >= VERIFICATION_ROUNDS) {
    return enterStage({ ...job, measuringTaskId, verification }, 'publish', now);
  }
  const known = job.candidate?.ratios.map(({ ratio }) => ratio) ?? [];
  const stage = wanted.every((ratio) => known.includes(ratio)) ? 'verify' : 'adjust';
  return enterStage({ ...job, measuringTaskId: undefined, verification }, stage, now);
}

function adjusted(job: Job, { attempt, candidate }: InputOf<'adjusted'>, now: Date): Transition {
  if (job.attempt === attempt && job.candidate?.bundle.digest === candidate.bundle.digest) {
    return unchanged(job);
  }
  fence(job, attempt, 'adjust');
  const known = job.candidate?.ratios.map(({ ratio }) => ratio) ?? [];
  const added = candidate.ratios.filter(({ ratio }) => !known.includes(ratio));
  const next = enterStage({ ...job, candidate }, 'verify', now);
  return { ...next, events: [...accuracyEvents(added), ...next.events] };
}

function accuracyEvents(ratios: Candidate['ratios']): JobEvent[] {
  return ratios.map(({ ratio, accuracy }) => ({ type: 'accuracy', ratio, accuracy }));
}

function published(job: Job, input: InputOf<'published'>, now: Date): Transition {
  if (job.state === 'succeeded' && job.version === input.version) return unchanged(job);
  fence(job, input.attempt, 'publish');
  const finishedAt = now.toISOString();
  return stateChange({ ...job, state: 'succeeded', version: input.version, finishedAt }, now);
}

function failed(job: Job, input: InputOf<'failed'>, now: Date): Transition {
  // No worker holds a job that is being verified: this one is late, what it did was taken.
  fence(job, input.attempt, job.stage === 'verify' ? 'train' : job.stage);
  if (!input.willRetry) return end(job, input.error, now);
  const next = touched({ ...job, state: 'queued', progress: undefined }, now);
  return { job: next, events: [{ ...stateEvent(next), error: input.error }], messages: [] };
}

function end(job: Job, error: JobError, now: Date): Transition {
  return stateChange({ ...job, state: 'failed', error, finishedAt: now.toISOString() }, now);
}

function enterStage(job: Job, stage: JobStage, now: Date): Transition {
  const state = stage === 'verify' ? 'running' : 'queued';
  const next = stateChange({ ...job, state, stage, progress: undefined }, now);
  return { ...next, messages: [{ jobId: job.id, stage }] };
}

function stateChange(job: Job, now: Date): Transition {
  const next = touched(job, now);
  return { job: next, events: [stateEvent(next)], messages: [] };
}

function stateEvent(job: Job): Extract<JobEvent, { type: 'state' }> {
  const { state, stage, attempt, error, version } = job;
  return {
    type: 'state',
    state,
    stage,
    attempt,
    ...(error === undefined ? {} : { error }),
    ...(version === undefined ? {} : { version }),
  };
}

/**
 * A task may end before its request was noted on the job, so a job without a task takes the one that comes, but none of an
 * earlier round.
 */
function waitsFor(job: Job, measuringTaskId: string): boolean {
  if (isFinal(job) || job.stage !== 'verify') return false;
  if (job.verification?.measuringTaskIds.includes(measuringTaskId)) return false;
  return job.measuringTaskId === undefined || job.measuringTaskId === measuringTaskId;
}

function fence(job: Job, attempt: number, stage: JobStage): void {
  if (job.state === 'running' && job.attempt === attempt && job.stage === stage) return;
  throw new AppError(
    'attempt_superseded',
    `attempt ${attempt} of stage ${stage} no longer holds job "${job.id}": ` +
      `it is ${job.state} in stage ${job.stage}, attempt ${job.attempt}`,
  );
}

function touched(job: Job, now: Date): Job {
  return { ...job, updatedAt: now.toISOString() };
}

function unchanged(job: Job): Transition {
  return { job, events: [], messages: [] };
}
