import type { Job, WorkerRecord } from '#contracts';
import { messageOf, type JobMessage } from '../lifecycle/transitions.js';
import { Repeater } from '../repeater.js';
import type { WorkerReports } from '../worker-reports.js';
import type { TeamLoad } from './admission.js';
import type { Cluster } from './cluster.port.js';
import { isTrainingStage } from './route-job.js';
import { isFree, whyWaiting } from './why-waiting.js';
import { fits } from './worker-needs.js';
import { KEEP_WORKERS_MS } from './worker-state.js';
import type { WorkerRepository, WorkerWakeups } from './worker-repository.port.js';

/** Messages that workers have refused. */
export interface RefusedMessages {
  /** Has a message that was put off delivered at once; nothing where it is not put off. */
  expedite(message: JobMessage): Promise<void>;
}

export interface WaitingJobsParts {
  readonly cluster: Cluster;
  readonly workers: Pick<WorkerRepository, 'forget'>;
  readonly wakeups: WorkerWakeups;
  readonly reports: Pick<WorkerReports, 'refused'>;
  readonly queue: RefusedMessages;
  readonly now: () => Date;
  readonly onError: (error: unknown) => void;
  readonly intervalMs?: number;
  /** A job that waits for less time is on its way to a worker. */
  readonly graceMs?: number;
}

const JOBS_PER_PASS = 500;
const FORGET_EVERY_MS = 60 * 60 * 1000;

/**
 * Has jobs that wait say why, for nobody else does where no worker looks at them; and has the messages of those that a worker
 * could take by now delivered at once. Several may run beside each other.
 */
export class WaitingJobs {
  private readonly looking: Repeater;
  private readonly forgetting: Repeater;
  private unsubscribe: () => void = () => {};

  constructor(private readonly parts: WaitingJobsParts) {
    const { intervalMs = 2_000, onError, workers } = parts;
    this.looking = new Repeater(() => this.look(), { intervalMs, onError });
    const forget = async () => void (await workers.forget(KEEP_WORKERS_MS));
    this.forgetting = new Repeater(forget, { intervalMs: FORGET_EVERY_MS, onError });
  }

  start(): void {
    this.unsubscribe = this.parts.wakeups.onWorkers(() => this.looking.kick());
    this.looking.start();
    this.forgetting.start();
  }

  async stop(): Promise<void> {
    this.unsubscribe();
    await this.looking.stop();
    await this.forgetting.stop();
  }

  /** One pass over the jobs that wait for a worker. An error of one is reported and does not keep back the others. */
  async look(): Promise<void> {
    const { cluster, onError } = this.parts;
    const jobs = await cluster.queued(JOBS_PER_PASS);
    if (jobs.length === 0) return;
    const plan = new Plan(await cluster.alive(), await cluster.teamLoads());
    for (const job of jobs) await this.lookAt(job, plan).catch(onError);
  }

  private async lookAt(job: Job, plan: Plan): Promise<void> {
    const { queue, reports, now, graceMs = 5_000 } = this.parts;
    const reason = plan.place(job);
    if (reason === undefined) return job.waiting && (await queue.expedite(messageOf(job)));
    const waitedMs = now().getTime() - new Date(job.updatedAt).getTime();
    if (job.waiting === undefined && waitedMs < graceMs) return;
    if (job.waiting?.reason !== reason) await reports.refused(job.id, job.generation, reason);
  }
}

/** What workers and teams have room for, as jobs that wait are given to them in their order. */
class Plan {
  private workers: readonly WorkerRecord[];

  constructor(
    workers: readonly WorkerRecord[],
    private readonly teams: Map<string, TeamLoad>,
  ) {
    this.workers = workers;
  }

  /** Gives a job to a worker that has room; says why where none has. */
  place(job: Job): string | undefined {
    const team = this.teams.get(job.teamId) ?? { running: 0 };
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
}
