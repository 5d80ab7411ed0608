import type { Job, JobEvent, SweepEvent } from '#contracts';
import { isFinal } from '../lifecycle/job-states.js';
import { compareJobs } from './compare-jobs.js';
import type { SweepRecord, SweptJob } from './sweep-record.js';
import { endState, failedOf, isFinalSweep, openState, releasable } from './sweep-states.js';

/** What something does to a sweep: all of it is written in one transaction. */
export interface SweepChange {
  /** The sweep afterwards; the very same object when nothing changes. */
  readonly sweep: SweepRecord;
  /** In order; stored at `sweep.updatedAt`. */
  readonly events: readonly SweepEvent[];
  /** Whether it is to be looked at, because jobs may be released or all have ended. */
  readonly lookAgain: boolean;
}

type StateEvent = Extract<JobEvent, { type: 'state' }>;

/** What the events of a job tell of its sweep. */
export function toldOfJob(job: Job, events: readonly JobEvent[]): SweepEvent[] {
  return events.filter((event) => event.type === 'state').map((event) => toldOfState(job, event));
}

function toldOfState({ id: jobId, held }: Job, { type: _type, ...state }: StateEvent): SweepEvent {
  return { type: 'job', jobId, ...state, ...(held && { held }) };
}

/**
 * A job of the sweep has changed. A sweep that had ended is open again when its job is.
 * @param jobs all jobs of the sweep, with that change
 */
export function jobMoved(
  before: SweepRecord,
  jobs: readonly SweptJob[],
  { job, events }: { job: Job; events: readonly JobEvent[] },
): SweepChange {
  const told = toldOfJob(job, events);
  if (told.length === 0) return { sweep: before, events: [], lookAgain: false };
  const ended = jobs.every(isFinal);
  const failed = failedOf(jobs);
  const touched = { ...before, failed, updatedAt: job.updatedAt };
  const sweep = ended
    ? touched
    : { ...touched, state: openState(jobs), comparison: undefined, finishedAt: undefined };
  const lookAgain = ended || releasable(jobs, before.spec.maxParallel).length > 0;
  return { sweep, events: [...told, ...stateEvents(before, sweep)], lookAgain };
}

/** Ends a sweep whose jobs have all ended, with their comparison. */
export function gathered(before: SweepRecord, jobs: readonly Job[], now: Date): SweepChange {
  if (isFinalSweep(before) || !jobs.every(isFinal)) return { sweep: before, events: [], lookAgain: false };
  const at = now.toISOString();
  const comparison = compareJobs(before.members, jobs, at);
  const sweep = { ...before, state: endState(jobs), comparison, updatedAt: at, finishedAt: at };
  return { sweep, events: stateEvents(before, sweep), lookAgain: false };
}

function stateEvents(before: SweepRecord, { state, failed }: SweepRecord): SweepEvent[] {
  return before.state === state ? [] : [{ type: 'state', state, ...(failed && { failed }) }];
}
