import { AppError, type Candidate, type Job, type JobEvent, type JobStage, type LastStage } from '#contracts';
import type { InputOf } from './job-input.js';
import { exhaustion, isExhausted } from './attempts.js';
import { isAt } from './job-place.js';
import { isFinal, isOnDevice } from './job-states.js';
import {
  ended,
  endedByError,
  entered,
  fence,
  told,
  unchanged,
  waits,
  type Transition,
} from './transitions.js';

/** A candidate is measured so often at most: the first time and after each adjustment. */
export const VERIFICATION_ROUNDS = 8;

/**
 * No event: the stage stays the same; the task is shown by the job itself. A worker that slept while the job went on, or was taken up
 * again, has a task that has ended, or will be cancelled.
 */
export function measuringRequested(job: Job, input: InputOf<'measuring-requested'>, now: Date): Transition {
  const { place, measuringTaskId } = input;
  const isOver = !isMeasuring(job) || !isAt(job, place);
  if (isOver || job.measuringTaskId !== undefined) return unchanged(job);
  return told({ ...job, measuringTaskId }, now);
}

/** The device was measured, for a calibration. */
export function profiled(job: Job, input: InputOf<'profiled'>, now: Date): Transition {
  const { measuringTaskId, latencyTableId } = input;
  if (job.stage !== 'measure' || !waitsFor(job, measuringTaskId)) return unchanged(job);
  return doneWith('measure', { ...job, measuringTaskId: undefined, latencyTableId }, 'calibrate', now);
}

export function calibrated(job: Job, input: InputOf<'calibrated'>, now: Date): Transition {
  const { attempt, calibrationId, ratios } = input;
  if (job.attempt === attempt && job.calibrationId === calibrationId) return unchanged(job);
  fence(job, attempt, 'calibrate');
  return doneWith('calibrate', { ...job, calibrationId, ratios: [...ratios] }, 'train', now);
}

export function trained(job: Job, { attempt, candidate }: InputOf<'trained'>, now: Date): Transition {
  if (isApplied(job, attempt, candidate)) return unchanged(job);
  fence(job, attempt, 'train');
  const next = job.deviceId === undefined ? 'publish' : 'verify';
  // Its files go once this is stored.
  const done = { ...job, candidate, checkpoint: undefined };
  return preceded(accuracyEvents(candidate.ratios), doneWith('train', done, next, now));
}

/** Goes on to be published, or back for another round where that may help. */
export function measured(job: Job, { measuringTaskId, points }: InputOf<'measured'>, now: Date): Transition {
  if (job.stage !== 'verify' || !waitsFor(job, measuringTaskId)) return unchanged(job);
  const before = job.verification ?? { rounds: 0, measuringTaskIds: [] };
  const rounds = before.rounds + 1;
  const measuringTaskIds = [...before.measuringTaskIds, measuringTaskId];
  const verification = { rounds, measuringTaskIds, points: [...points] };
  const wanted = points.flatMap(({ nextRatio }) => nextRatio ?? []);
  if (wanted.length === 0 || rounds >= VERIFICATION_ROUNDS) {
    return doneWith('verify', { ...job, measuringTaskId, verification }, 'publish', now);
  }
  const known = job.candidate?.ratios.map(({ ratio }) => ratio) ?? [];
  const next = wanted.every((ratio) => known.includes(ratio)) ? 'verify' : 'adjust';
  return entered({ ...job, measuringTaskId: undefined, verification }, next, now);
}

export function adjusted(job: Job, { attempt, candidate }: InputOf<'adjusted'>, now: Date): Transition {
  if (isApplied(job, attempt, candidate)) return unchanged(job);
  fence(job, attempt, 'adjust');
  const known = job.candidate?.ratios.map(({ ratio }) => ratio) ?? [];
  const added = candidate.ratios.filter(({ ratio }) => !known.includes(ratio));
  return preceded(accuracyEvents(added), entered({ ...job, candidate }, 'verify', now));
}

/** Only by the task that is noted: one that was given up before a retry may fail, or be cancelled, much later. */
export function measuringFailed(job: Job, input: InputOf<'measuring-failed'>, now: Date): Transition {
  const isItsOwn = isMeasuring(job) && job.measuringTaskId === input.measuringTaskId;
  return isItsOwn ? endedByError(job, input.error, now) : unchanged(job);
}

export function deviceWaits(
  job: Job,
  { measuringTaskId, reason }: InputOf<'device-waits'>,
  now: Date,
): Transition {
  const isItsOwn = isMeasuring(job) && job.measuringTaskId === measuringTaskId;
  return isItsOwn ? waits(job, reason, now) : unchanged(job);
}

/** What is published is, also where somebody asked for a stop meanwhile. */
export function published(job: Job, { attempt, version }: InputOf<'published'>, now: Date): Transition {
  if (job.state === 'succeeded' && job.version === version) return unchanged(job);
  fence(job, attempt, 'publish');
  return ended({ ...job, version }, { state: 'succeeded' }, now);
}

/** As with a version: what is published is. */
export function derived(job: Job, { attempt, addendum }: InputOf<'derived'>, now: Date): Transition {
  const { derivation } = job;
  if (derivation === undefined)
    throw new AppError('internal', `job "${job.id}" derives no ratios of a version`);
  if (job.state === 'succeeded' && derivation.addendum === addendum.digest) return unchanged(job);
  fence(job, attempt, 'derive');
  const done = { ...job, derivation: { ...derivation, addendum: addendum.digest }, progress: undefined };
  return preceded(accuracyEvents(addendum.ratios), ended(done, { state: 'succeeded' }, now));
}

/** A paused job is nobody's to give up, nor one that has gone on, or was taken up again, since it was tried. */
export function givenUp(job: Job, { error, place }: InputOf<'given-up'>, now: Date): Transition {
  return isOver(job) || !isAt(job, place) ? unchanged(job) : endedByError(job, error, now);
}

/** Looks at the job as it is now: whoever asks may have seen it minutes ago. */
export function exhausted(job: Job, input: InputOf<'exhausted'>, now: Date): Transition {
  const { maxAttempts, untouchedSince } = input;
  if (isOver(job) || !isExhausted(job, maxAttempts)) return unchanged(job);
  return new Date(job.updatedAt) < untouchedSince ? endedByError(job, exhaustion(job), now) : unchanged(job);
}

const isOver = (job: Job): boolean => isFinal(job) || job.state === 'paused';

/** The stage behind another one; undefined behind the last. */
export function stageAfter(done: LastStage, { deviceId }: Pick<Job, 'deviceId'>): JobStage | undefined {
  const next = { measure: 'calibrate', calibrate: 'train', train: 'verify', verify: 'publish' } as const;
  if (done === 'publish') return undefined;
  return done === 'train' && deviceId === undefined ? 'publish' : next[done];
}

/** Enters the next stage, or ends the job where nobody asked for more. */
function doneWith(done: LastStage, job: Job, next: JobStage, now: Date): Transition {
  const isLast = job.until === done || (job.until === 'verify' && next === 'publish');
  if (!isLast) return entered(job, next, now);
  return ended({ ...job, progress: undefined }, { state: 'succeeded' }, now);
}

function isApplied(job: Job, attempt: number, { bundle }: Candidate): boolean {
  return job.attempt === attempt && job.candidate?.bundle.digest === bundle.digest;
}

function accuracyEvents(ratios: Candidate['ratios']): JobEvent[] {
  return ratios.map(({ ratio, accuracy }) => ({ type: 'accuracy', ratio, accuracy }));
}

const preceded = (events: readonly JobEvent[], next: Transition): Transition => ({
  ...next,
  events: [...events, ...next.events],
});

/** Whether the device is, or is to be, at work for the job. */
function isMeasuring(job: Pick<Job, 'state' | 'stage'>): boolean {
  return isOnDevice(job.stage) && (job.state === 'running' || job.state === 'pausing');
}

/**
 * A task may end before its request was noted on the job, so a job without a task takes the one that comes, but none of an
 * earlier round.
 */
export function waitsFor(
  job: Pick<Job, 'state' | 'stage' | 'measuringTaskId' | 'verification'>,
  measuringTaskId: string,
): boolean {
  if (!isMeasuring(job)) return false;
  if (job.verification?.measuringTaskIds.includes(measuringTaskId)) return false;
  return job.measuringTaskId === undefined || job.measuringTaskId === measuringTaskId;
}
