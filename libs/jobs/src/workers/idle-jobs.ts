import type { Job } from '#contracts';
import type { DeviceWork } from '../device-work.port.js';
import { isOnDevice } from '../lifecycle/job-states.js';
import type { Cluster } from './cluster.port.js';
import { QueuePlan } from './queue-plan.js';
import { mayBeIdle, whyIdle } from './why-idle.js';

export interface IdleJobsParts {
  readonly cluster: Pick<Cluster, 'queued' | 'alive' | 'teamLoads'>;
  readonly devices: Pick<DeviceWork, 'delays'>;
  readonly now: () => Date;
  /** A job that nobody is at work on for less time is on its way. */
  readonly graceMs?: number;
  /** How old what is known of workers may be. */
  readonly maxAgeMs?: number;
}

/** So many jobs are given to workers in their order; those behind them get what is left. */
const PLANNED_JOBS = 500;

/** Why jobs do not go on. */
export class IdleJobs {
  private newest: { readonly plan: QueuePlan; readonly readAt: number } | undefined;
  private reading: Promise<QueuePlan> | undefined;

  constructor(private readonly parts: IdleJobsParts) {}

  /** Reads anew what workers have room for; what is said from then on is said by that. */
  async look(): Promise<QueuePlan> {
    const { cluster } = this.parts;
    const readAt = this.parts.now().getTime();
    const queued = await cluster.queued(PLANNED_JOBS);
    const plan = new QueuePlan({ queued, alive: await cluster.alive(), teams: await cluster.teamLoads() });
    this.newest = { plan, readAt };
    return plan;
  }

  /** By the id of the job; those that go on are left out. */
  async reasons(jobs: readonly Job[]): Promise<Map<string, string>> {
    const idle = jobs.filter(mayBeIdle);
    if (idle.length === 0) return new Map();
    const plan = await this.recent();
    const tasks = idle.filter(isMeasured).flatMap(({ measuringTaskId }) => measuringTaskId ?? []);
    const delays = tasks.length === 0 ? new Map<string, string>() : await this.parts.devices.delays(tasks);
    const context = { plan, delays, now: this.parts.now() };
    return new Map(
      idle.flatMap((job): [string, string][] => {
        const reason = whyIdle(job, context);
        return reason === undefined ? [] : [[job.id, reason]];
      }),
    );
  }

  /** The jobs as users see them: each says why it does not go on now, wherever it is in its queue. */
  async shown(jobs: readonly Job[]): Promise<Job[]> {
    const reasons = await this.reasons(jobs);
    return jobs.map((job) => this.withReason(job, reasons.get(job.id)));
  }

  /** Whether so little time has passed since anything was heard of a job that nothing need be said. */
  isOnItsWay({ waiting, updatedAt }: Job): boolean {
    const { now, graceMs = 5_000 } = this.parts;
    return waiting === undefined && now().getTime() - new Date(updatedAt).getTime() < graceMs;
  }

  private withReason(job: Job, reason: string | undefined): Job {
    if (!mayBeIdle(job) || job.waiting?.reason === reason) return job;
    // What a queued job has said holds until a worker begins.
    if (reason === undefined) return job.state === 'queued' ? job : { ...job, waiting: undefined };
    return this.isOnItsWay(job) ? job : { ...job, waiting: { reason, since: job.updatedAt } };
  }

  private async recent(): Promise<QueuePlan> {
    const { now, maxAgeMs = 5_000 } = this.parts;
    if (this.newest !== undefined && now().getTime() - this.newest.readAt < maxAgeMs) return this.newest.plan;
    this.reading ??= this.look().finally(() => (this.reading = undefined));
    return this.reading;
  }
}

const isMeasured = ({ state, stage }: Job): boolean => state !== 'queued' && isOnDevice(stage);
