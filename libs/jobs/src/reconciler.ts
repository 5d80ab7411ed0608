import type { Job } from '#contracts';
import { eachInPages } from './each-in-pages.js';
import type { JobQueue } from './job-queue.port.js';
import type { JobRepository, WaitingJob } from './job-repository.port.js';
import type { JobService } from './job-service.js';
import { Repeater } from './repeater.js';
import { isExhausted } from './lifecycle/attempts.js';
import { AT_WORK, isOnDevice } from './lifecycle/job-states.js';
import { messageOf, type JobMessage } from './lifecycle/transitions.js';

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
  /** Jobs that wait in the queue are looked at so many a pass, the others in the passes after it. */
  readonly waitingPerPass?: number;
}

const JOBS_PER_READ = 100;
const WAITING_PER_READ = 1000;

/**
 * Brings the queue and the devices in line with the database, which is authoritative: puts back messages that the
 * queue lost, applies outcomes of measurements that nobody told the job, ends cancelled jobs whose workers have died, and cancels
 * measuring tasks that no job waits for.
 */
export class Reconciler {
  private readonly repeater: Repeater;
  /** Where the next pass goes on among the jobs that wait. */
  private waitingAfterId: string | undefined;

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

  /** One pass. An error of one job is reported and does not keep back the others. */
  async reconcile(): Promise<void> {
    const untouchedSince = new Date(this.parts.now().getTime() - (this.parts.graceMs ?? 30_000));
    await this.cancelUnawaited(untouchedSince); // Needs no queue, which may be away.
    await this.restoreAtWork(untouchedSince);
    await this.restoreWaiting(untouchedSince);
  }

  private async cancelUnawaited(createdBefore: Date): Promise<void> {
    const { service, onError } = this.parts;
    for await (const task of service.unawaitedTasks(createdBefore))
      await service.cancelTask(task).catch((error) => onError(error));
  }

  /** All jobs that somebody is, or ought to be, at work on; they are as many as there are workers and devices. */
  private async restoreAtWork(untouchedSince: Date): Promise<void> {
    const { jobs, onError } = this.parts;
    const query = { untouchedSince, states: AT_WORK };
    const found = eachInPages(JOBS_PER_READ, (page) => jobs.unfinished({ ...query, ...page }));
    for await (const job of found)
      await this.restore(job, untouchedSince).catch((error) => onError(error, job));
  }

  /**
   * Of the jobs that wait, which may be very many, those alone whose messages the queue lacks. It looks at no more than a pass may,
   * but goes on for as long as messages are missing: then the queue has lost them all.
   */
  private async restoreWaiting(untouchedSince: Date): Promise<void> {
    const { jobs, waitingPerPass = 5 * WAITING_PER_READ } = this.parts;
    const limit = Math.min(WAITING_PER_READ, waitingPerPass);
    for (let looked = limit, wasMissing = false; looked <= waitingPerPass || wasMissing; looked += limit) {
      const some = await jobs.waiting({ untouchedSince, limit, afterId: this.waitingAfterId });
      wasMissing = await this.restoreSome(some, untouchedSince);
      this.waitingAfterId = some.length < limit ? undefined : some.at(-1)!.id;
      if (some.length < limit) return;
    }
  }

  /** @returns whether there were any to be restored */
  private async restoreSome(waiting: readonly WaitingJob[], untouchedSince: Date): Promise<boolean> {
    const { jobs, queue, onError } = this.parts;
    const missing = await queue.missing(waiting.map(waitingMessageOf));
    const ids = new Set([
      ...missing.map(({ jobId }) => jobId),
      ...waiting.filter((job) => this.isExhausted(job)).map(({ id }) => id),
    ]);
    if (ids.size === 0) return false;
    const found = await jobs.unfinished({ untouchedSince, limit: ids.size, ids: [...ids] });
    for (const job of found.filter((each) => this.isExhausted(each)))
      await this.giveUp(job, untouchedSince).catch((error) => onError(error, job));
    const lost = found.filter((job) => !this.isExhausted(job));
    const results = await queue.enqueueAll(lost.map(messageOf));
    for (const [index, result] of results.entries())
      if (result.status === 'rejected') onError(result.reason, lost[index]);
    return true;
  }

  private async restore(job: Job, untouchedSince: Date): Promise<void> {
    if (isOnDevice(job.stage) && job.measuringTaskId !== undefined)
      return this.parts.service.applyOutcome(job, job.measuringTaskId);
    if (job.state === 'cancelling') return void (await this.parts.service.halt(job));
    if (this.isExhausted(job)) return this.giveUp(job, untouchedSince);
    await this.parts.queue.enqueue(messageOf(job));
  }

  private isExhausted(job: WaitingJob): boolean {
    return isExhausted(job, this.maxAttempts);
  }

  private async giveUp({ id }: Job, untouchedSince: Date): Promise<void> {
    const { maxAttempts } = this;
    await this.parts.service.giveUpExhausted(id, { maxAttempts, untouchedSince });
  }

  private get maxAttempts(): number {
    return this.parts.maxAttempts ?? 20;
  }
}

/** In which queue of trainings it is does not matter here: what is asked for is looked for in both. */
function waitingMessageOf({ id: jobId, stage, generation, priority }: WaitingJob): JobMessage {
  return { jobId, stage, generation, priority };
}
