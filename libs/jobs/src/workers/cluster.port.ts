import type { Job, TeamLimits, WorkerRecord } from '#contracts';
import type { Transition } from '../lifecycle/transitions.js';
import type { TeamLoad } from './admission.js';

/** What decides over who may begin a training. */
export interface ClaimContext {
  /** That wants to begin; undefined where it is not known. */
  readonly worker: WorkerRecord | undefined;
  /** All that are heard of, that one too. */
  readonly alive: readonly WorkerRecord[];
  /** Of the job's team, without the job. */
  readonly team: TeamLoad;
}

/** Workers, jobs and teams, read together. */
export interface Cluster {
  /**
   * As `JobRepository.update`, with what `decide` needs to know read in the same transaction. Claims of one team wait for each
   * other, so that together they do not exceed its limit.
   * @throws AppError not_found
   */
  claim(
    jobId: string,
    workerId: string,
    decide: (job: Job, context: ClaimContext) => Transition,
  ): Promise<Transition>;

  /** Jobs of all teams that wait for a worker, in the order in which they ought to be begun. */
  queued(limit: number): Promise<Job[]>;

  /** All workers that are heard of. */
  alive(): Promise<WorkerRecord[]>;

  /** Of the teams that train, or are limited. */
  teamLoads(): Promise<Map<string, TeamLoad>>;

  /** @throws AppError not_found */
  limitsOf(teamId: string): Promise<TeamLimits>;

  /** Tells listeners of WorkerWakeups. @throws AppError not_found */
  limit(teamId: string, limits: TeamLimits): Promise<TeamLimits>;
}
