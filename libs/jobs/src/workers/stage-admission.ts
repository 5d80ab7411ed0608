import type { Job, JobStage } from '#contracts';
import { transition } from '../lifecycle/transition.js';
import { unchanged, type Transition } from '../lifecycle/transitions.js';
import type { BegunStage } from '../worker-reports.js';
import { refusalOf } from './admission.js';
import type { ClaimContext, Cluster } from './cluster.port.js';
import { whyWaiting } from './why-waiting.js';

/** The message of a training, and the worker that got it. */
export interface TakeStage {
  readonly jobId: string;
  readonly stage: JobStage;
  readonly generation: number;
  readonly worker: { readonly id: string; readonly name: string };
}

export type TakenStage =
  | { readonly type: 'begun'; readonly stage: BegunStage }
  /** The message is an old one: there is nothing to do. */
  | { readonly type: 'over' }
  /** The message belongs back in the queue. */
  | {
      readonly type: 'refused';
      readonly reason: string;
      /** Whether another worker would take it now. */
      readonly isWanted: boolean;
    };

/** Decides which worker begins which training, by what only the database knows. */
export class StageAdmission {
  constructor(private readonly parts: { readonly cluster: Cluster; readonly now: () => Date }) {}

  /**
   * Takes a stage for a worker, as `WorkerReports.begin` does, where it is fit for the job and the job's team is below its limit;
   * otherwise the job says why it waits. Both in one transaction.
   * @throws AppError not_found
   */
  async take({ jobId, worker, ...message }: TakeStage): Promise<TakenStage> {
    const now = this.parts.now();
    const outcome: { taken: TakenStage } = { taken: { type: 'over' } };
    await this.parts.cluster.claim(jobId, worker.id, (job, context) => {
      const begun = transition(job, { type: 'begun', ...message, worker }, now);
      if (begun.job.state !== 'running' || begun.job === job) return begun;
      const reason = refusalOf(job, context.worker, context.team);
      if (reason === undefined) {
        outcome.taken = { type: 'begun', stage: { attempt: begun.job.attempt, job: begun.job } };
        return begun;
      }
      const { why, next } = refused(job, message.generation, context, now);
      outcome.taken = { type: 'refused', reason: why ?? reason, isWanted: why === undefined };
      return next;
    });
    return outcome.taken;
  }
}

/** A job that another worker would take does not wait for anything that could be told. */
function refused(
  job: Job,
  generation: number,
  { alive, team }: ClaimContext,
  now: Date,
): { why: string | undefined; next: Transition } {
  const why = whyWaiting(job, alive, team);
  const isHeld = alive.some(({ id, jobIds }) => id === job.worker?.id && jobIds.includes(job.id));
  if (isHeld && job.state === 'running') return { why, next: unchanged(job) };
  const given = givenBack(job, now);
  if (why === undefined) return { why, next: given };
  const told = transition(given.job, { type: 'refused', generation, reason: why }, now);
  return { why, next: { ...told, events: [...given.events, ...told.events] } };
}

/** The queue delivers the message of a job in training anew when its worker is gone. */
function givenBack(job: Job, now: Date): Transition {
  if (job.state !== 'running') return unchanged(job);
  const reason = `worker "${job.worker?.name ?? 'unknown'}" was lost`;
  return transition(job, { type: 'released', attempt: job.attempt, reason }, now);
}
