import type { Job, WorkerRecord } from '#contracts';
import { needsOf } from './worker-needs.js';

/** What a team has in training, and may have. */
export interface TeamLoad {
  /** Absent: any number. */
  readonly maxRunningJobs?: number | undefined;
  /** Trainings of the team that workers hold, without the job in question. */
  readonly running: number;
}

/**
 * Why a worker may not train a job now; undefined where it may. How busy the worker is, it knows best itself.
 * @param worker undefined: nobody has heard of it
 */
export function refusalOf(job: Job, worker: WorkerRecord | undefined, team: TeamLoad): string | undefined {
  if (worker === undefined) return 'the worker is not registered';
  if (worker.phase !== 'active') return `worker "${worker.name}" is ${worker.phase}`;
  const unmet = needsOf(job).find(({ isMetBy }) => !isMetBy(worker));
  if (unmet !== undefined) return `worker "${worker.name}" ${unmet.doesNot}`;
  return isFull(team) ? limitReached(team) : undefined;
}

export function isFull({ maxRunningJobs, running }: TeamLoad): boolean {
  return maxRunningJobs !== undefined && running >= maxRunningJobs;
}

export function limitReached({ maxRunningJobs }: TeamLoad): string {
  return maxRunningJobs === 0
    ? 'the team may not train: its limit is 0'
    : `the team trains ${maxRunningJobs} ${maxRunningJobs === 1 ? 'job' : 'jobs'}, its limit`;
}
