import type { Job, WorkerRecord } from '#contracts';
import type { TeamLoad } from './admission.js';
import { isTrainingStage } from './route-job.js';
import { isFree, whyWaiting } from './why-waiting.js';
import { fits } from './worker-needs.js';
import { LOST_AFTER_MS } from './worker-state.js';

/** The workers, teams and foremost jobs of one moment. */
export interface QueueSituation {
  /** Those that come first of the jobs that wait, in their order. */
  readonly queued: readonly Job[];
  /** All that are heard of. */
  readonly alive: readonly WorkerRecord[];
  readonly teams: ReadonlyMap<string, TeamLoad>;
}

/** What workers and teams have room for, once the jobs that wait are given to them in their order. */
export class QueuePlan {
  readonly queued: readonly Job[];
  private workers: readonly WorkerRecord[];
  private readonly teams: Map<string, TeamLoad>;
  private readonly reasons: ReadonlyMap<string, string | undefined>;

  constructor({ queued, alive, teams }: QueueSituation) {
    this.queued = queued;
    this.workers = alive;
    this.teams = new Map(teams);
    this.reasons = new Map(queued.map((job) => [job.id, this.place(job)]));
  }

  /** Why no worker takes a job; undefined where one can. Of those that come behind, what is left over decides. */
  whyNobodyTakes(job: Job): string | undefined {
    if (job.state === 'queued' && this.reasons.has(job.id)) return this.reasons.get(job.id);
    const { running, ...limit } = this.loadOf(job);
    const others = job.state === 'queued' ? running : Math.max(0, running - 1);
    return whyWaiting(job, this.workers, { ...limit, running: others });
  }

  /** Whether a job that was begun is held by a worker that is heard of. A worker tells of what it trains a moment later. */
  isHeld({ id, stage, worker, waiting, updatedAt }: Job, now: Date): boolean {
    const holder = this.workers.find((each) => each.id === worker?.id);
    if (holder === undefined) return false;
    const isNew = waiting === undefined && now.getTime() - new Date(updatedAt).getTime() < LOST_AFTER_MS;
    return isNew || !isTrainingStage(stage) || holder.jobIds.includes(id);
  }

  /** Whether a worker is heard of at all. */
  isAlive(workerId: string): boolean {
    return this.workers.some(({ id }) => id === workerId);
  }

  /** Gives a job to a worker that has room; says why where none has. */
  private place(job: Job): string | undefined {
    const team = this.loadOf(job);
    const reason = whyWaiting(job, this.workers, team);
    if (reason !== undefined || !isTrainingStage(job.stage)) return reason;
    const free = this.workers.filter(
      (worker) => worker.phase === 'active' && isFree(worker) && fits(worker, job),
    );
    // A graphics card is left to those that need it.
    const taker = free.find(({ device }) => device === 'cpu') ?? free[0];
    this.workers = this.workers.map((worker) =>
      worker === taker ? { ...worker, jobIds: [...worker.jobIds, job.id] } : worker,
    );
    this.teams.set(job.teamId, { ...team, running: team.running + 1 });
    return undefined;
  }

  private loadOf({ teamId }: Job): TeamLoad {
    return this.teams.get(teamId) ?? { running: 0 };
  }
}
