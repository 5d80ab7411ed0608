import type { Job } from '#contracts';
import type { JobQueue } from './job-queue.port.js';
import type { JobRepository } from './job-repository.port.js';
import type { JobService } from './job-service.js';
import { Repeater } from './repeater.js';
import { isOnDevice } from './lifecycle/job-states.js';
import { messageOf } from './lifecycle/transitions.js';

export interface ReconcilerParts {
  readonly jobs: JobRepository;
  readonly service: JobService;
  readonly queue: JobQueue;
  readonly now: () => Date;
  /** Told of what failed, and of which job it was. */
  readonly onError: (error: unknown, job?: Job) => void;
  readonly intervalMs?: number;
  /** Leaves alone what was touched more recently: its message is on its way. */
  readonly graceMs?: number;
  /** Gives a job up after so many begun attempts (of all stages, since a user last stepped in), for it may be what kills its workers. */
  readonly maxAttempts?: number;
}

const JOBS_PER_READ = 100;

/**
 * Brings the queue and the devices in line with the database, which is authoritative: puts back messages that the
 * queue lost, applies outcomes of measurements that nobody told the job and ends cancelled jobs whose workers have died.
 */
export class Reconciler {
  private readonly repeater: Repeater;

  constructor(private readonly parts: ReconcilerParts) {
    const { intervalMs = 15_000, onError } = parts;
    this.repeater = new Repeater(() => this.reconcile(), { intervalMs, onError });
  }

  start(): void {
    this.repeater.start();
  }

  stop(): Promise<void> {
    return this.repeater.stop();
  }

  /** One pass over all unfinished jobs. An error of one job is reported and does not keep back the others. */
  async reconcile(): Promise<void> {
    const untouchedSince = new Date(this.parts.now().getTime() - (this.parts.graceMs ?? 30_000));
    let afterId: string | undefined;
    for (;;) {
      const jobs = await this.parts.jobs.unfinished({ untouchedSince, limit: JOBS_PER_READ, afterId });
      for (const job of jobs) await this.restore(job).catch((error) => this.parts.onError(error, job));
      afterId = jobs.at(-1)?.id;
      if (jobs.length < JOBS_PER_READ) return;
    }
  }

  private async restore(job: Job): Promise<void> {
    if (isOnDevice(job.stage) && job.measuringTaskId !== undefined)
      return this.parts.service.applyOutcome(job, job.measuringTaskId);
    if (job.state === 'cancelling') return void (await this.parts.service.halt(job));
    const maxAttempts = this.parts.maxAttempts ?? 20;
    if (job.attempt - job.attemptsBefore >= maxAttempts) return this.giveUp(job);
    await this.parts.queue.enqueue(messageOf(job));
  }

  private async giveUp(job: Job): Promise<void> {
    const code = job.stage === 'train' ? 'training_crashed' : 'internal';
    const message =
      `given up in stage ${job.stage}, which has not ended: the job was begun ${job.attempt - job.attemptsBefore} times ` +
      '(all stages counted); the logs of the workers may tell why';
    await this.parts.service.giveUp(job, { code, fault: 'infrastructure', message });
  }
}
