import type { Job } from '#contracts';
import { isOnDevice } from '../lifecycle/job-states.js';
import type { QueuePlan } from './queue-plan.js';

/** What jobs depend on, at one moment. */
export interface IdleContext {
  readonly plan: QueuePlan;
  /** Why devices measure nothing for a measuring task, by its id. */
  readonly delays: ReadonlyMap<string, string>;
  readonly now: Date;
}

/** Whether a job is one that somebody is, or ought to be, at work on; who cancels one waits for nobody but its worker. */
export function mayBeIdle({ state }: Pick<Job, 'state'>): boolean {
  return state === 'queued' || state === 'running' || state === 'pausing';
}

/** Why a job does not go on: the one place that says so. Undefined where somebody is at work on it, or about to be. */
export function whyIdle(job: Job, { plan, delays, now }: IdleContext): string | undefined {
  if (!mayBeIdle(job)) return undefined;
  if (job.state === 'queued') return plan.whyNobodyTakes(job);
  if (!isOnDevice(job.stage)) return plan.isHeld(job, now) ? undefined : whyLost(job, plan);
  return job.measuringTaskId === undefined ? plan.whyNobodyTakes(job) : delays.get(job.measuringTaskId);
}

function whyLost(job: Job, plan: QueuePlan): string | undefined {
  const { worker } = job;
  const why = plan.whyNobodyTakes(job);
  if (worker === undefined) return why;
  const what = plan.isAlive(worker.id) ? 'has let go of it' : 'was lost';
  return `worker "${worker.name}" ${what}: ${why ?? 'another one is given the job shortly'}`;
}
