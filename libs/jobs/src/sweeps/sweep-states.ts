import { FINAL_SWEEP_STATES, type SweepState } from '#contracts';
import { isFinal } from '../lifecycle/job-states.js';
import type { SweepRecord, SweptJob } from './sweep-record.js';

type Standing = Pick<SweptJob, 'state' | 'held'>;

export function isFinalSweep({ state }: Pick<SweepRecord, 'state'>): boolean {
  return FINAL_SWEEP_STATES.includes(state);
}

/** Of a sweep whose jobs have not all ended. */
export function openState(jobs: readonly Standing[]): SweepState {
  const open = jobs.filter((job) => !isFinal(job));
  return open.every((job) => job.state === 'paused' && !job.held) ? 'paused' : 'running';
}

/** Of a sweep whose jobs have all ended. */
export function endState(jobs: readonly Standing[]): SweepState {
  if (jobs.some(({ state }) => state === 'failed')) return 'failed';
  return jobs.every(({ state }) => state === 'succeeded') ? 'succeeded' : 'cancelled';
}

/** How many of the jobs have failed; undefined where none has. */
export function failedOf(jobs: readonly Standing[]): 'some' | 'all' | undefined {
  const failed = jobs.filter(({ state }) => state === 'failed').length;
  if (failed === 0) return undefined;
  return failed === jobs.length ? 'all' : 'some';
}

/** The jobs that are held and may go on now, in their order. */
export function releasable<J extends Standing>(jobs: readonly J[], maxParallel = Infinity): J[] {
  const atWork = jobs.filter((job) => !isFinal(job) && job.state !== 'paused').length;
  return jobs.filter((job) => job.held).slice(0, Math.max(0, maxParallel - atWork));
}
