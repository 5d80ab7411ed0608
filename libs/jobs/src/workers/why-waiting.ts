import type { Job, WorkerRecord } from '#contracts';
import { isFull, limitReached, type TeamLoad } from './admission.js';
import { isTrainingStage } from './route-job.js';
import { fits, needsOf } from './worker-needs.js';

/**
 * Why no worker of the cluster takes a job now; undefined where one can.
 * @param alive all workers that are heard of
 */
export function whyWaiting(job: Job, alive: readonly WorkerRecord[], team: TeamLoad): string | undefined {
  const trains = isTrainingStage(job.stage);
  if (trains && isFull(team)) return limitReached(team);
  const active = alive.filter(({ phase }) => phase === 'active');
  if (active.length === 0) return whyNoneIsActive(alive);
  const fitting = active.filter((worker) => fits(worker, job));
  if (fitting.length === 0) return whyNoneFits(job, alive, active);
  if (!trains || fitting.some(isFree)) return undefined;
  return fitting.length === 1
    ? `worker "${fitting[0]!.name}", the only one that could take it, is busy`
    : `all ${fitting.length} workers that could take it are busy`;
}

/** Whether a worker has room for one more training. */
export function isFree({ jobIds, concurrency }: WorkerRecord): boolean {
  return jobIds.length < concurrency;
}

function whyNoneIsActive(alive: readonly WorkerRecord[]): string {
  if (alive.length === 0) return 'no worker is alive';
  return alive.length === 1
    ? `worker "${alive[0]!.name}", the only one that is alive, is ${alive[0]!.phase}`
    : `all ${alive.length} workers are draining or drained`;
}

/** Where every need is met by some worker, though all of them by none, those are told that some worker lacks. */
function whyNoneFits(job: Job, alive: readonly WorkerRecord[], active: readonly WorkerRecord[]): string {
  const resting = alive.find((worker) => fits(worker, job));
  if (resting !== undefined) return `worker "${resting.name}", which could take it, is ${resting.phase}`;
  const needs = needsOf(job);
  const unmet =
    needs.find(({ isMetBy }) => !active.some(isMetBy))?.does ??
    needs
      .filter(({ isMetBy }) => !active.every(isMetBy))
      .map(({ does }) => does)
      .join(' and ');
  return `no worker ${unmet} (${active.length === 1 ? '1 worker is' : `${active.length} workers are`} alive)`;
}
