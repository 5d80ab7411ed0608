import type { Job } from '#contracts';
import type { JobRepository } from '../job-repository.port.js';
import { messageOf, type JobMessage } from '../lifecycle/transitions.js';
import { Repeater } from '../repeater.js';
import type { WorkerReports } from '../worker-reports.js';
import type { IdleJobs } from './idle-jobs.js';
import { KEEP_WORKERS_MS } from './worker-state.js';
import type { WorkerRepository, WorkerWakeups } from './worker-repository.port.js';

/** Messages that workers have refused. */
export interface RefusedMessages {
  /** Has a message that was put off delivered at once; nothing where it is not put off. */
  expedite(message: JobMessage): Promise<void>;
}

export interface WaitingJobsParts {
  readonly idle: IdleJobs;
  readonly jobs: Pick<JobRepository, 'unfinished'>;
  readonly workers: Pick<WorkerRepository, 'forget'>;
  readonly wakeups: WorkerWakeups;
  readonly reports: Pick<WorkerReports, 'refused' | 'stalled'>;
  readonly queue: RefusedMessages;
  readonly now: () => Date;
  readonly onError: (error: unknown) => void;
  readonly intervalMs?: number;
  /** Begun jobs that are looked at a pass, of each state; the others come in the passes after it. */
  readonly begunPerPass?: number;
}

/** States of jobs that were begun, and that somebody ought to be at work on. */
const BEGUN = ['running', 'pausing'] as const;
/** Whoever is at work on a job mostly says something more often. */
const SILENT_MS = 5_000;
const FORGET_EVERY_MS = 60 * 60 * 1000;

/**
 * Has jobs that do not go on say why, for nobody else does where no worker looks at them; and has the messages of those that a worker
 * could take by now delivered at once. Several may run beside each other.
 */
export class WaitingJobs {
  private readonly looking: Repeater;
  private readonly forgetting: Repeater;
  /** Where the next pass goes on among the jobs that were begun. */
  private readonly afterIds = new Map<string, string>();
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

  /** One pass over the jobs that wait. An error of one is reported and does not keep back the others. */
  async look(): Promise<void> {
    const { idle, onError } = this.parts;
    const { queued } = await idle.look();
    const begun = await this.begun();
    const reasons = await idle.reasons([...queued, ...begun]);
    for (const job of queued) await this.queuedWaits(job, reasons.get(job.id)).catch(onError);
    for (const job of begun) await this.begunWaits(job, reasons.get(job.id)).catch(onError);
  }

  private async queuedWaits(job: Job, reason: string | undefined): Promise<void> {
    const { queue, reports, idle } = this.parts;
    if (reason === undefined) return job.waiting && (await queue.expedite(messageOf(job)));
    if (job.waiting?.reason === reason || idle.isOnItsWay(job)) return;
    await reports.refused(job.id, job.generation, reason);
  }

  private async begunWaits(job: Job, reason: string | undefined): Promise<void> {
    if (job.waiting?.reason !== reason) await this.parts.reports.stalled(job, reason);
  }

  /** Some of those of which nothing was heard for a moment: all of them in turn. */
  private async begun(): Promise<Job[]> {
    const { jobs, now, begunPerPass: limit = 100 } = this.parts;
    const untouchedSince = new Date(now().getTime() - SILENT_MS);
    const found: Job[] = [];
    for (const state of BEGUN) {
      const afterId = this.afterIds.get(state);
      const some = await jobs.unfinished({ states: [state], untouchedSince, limit, afterId });
      if (some.length < limit) this.afterIds.delete(state);
      else this.afterIds.set(state, some.at(-1)!.id);
      found.push(...some);
    }
    return found;
  }
}
