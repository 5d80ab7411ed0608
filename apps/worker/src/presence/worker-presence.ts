import type { WorkerDescription, WorkerRecord } from '#contracts';
import {
  askedToDrain,
  drained,
  HEARTBEAT_MS,
  Repeater,
  type WorkerRepository,
  type WorkerWakeups,
} from '#jobs';
import type { HeldJobs } from './held-jobs.js';
import type { WorkerQueues } from './worker-queues.js';

export interface WorkerPresenceParts {
  readonly id: string;
  readonly workers: Pick<WorkerRepository, 'heartbeat' | 'update' | 'stop'>;
  readonly wakeups: Pick<WorkerWakeups, 'onWorker'>;
  /** Engines may come and go. */
  readonly describe: () => Promise<WorkerDescription>;
  readonly held: HeldJobs;
  readonly queues: Pick<WorkerQueues, 'rest' | 'handBack' | 'resume' | 'isIdle'>;
  readonly onError: (error: unknown) => void;
  readonly onPhase: (worker: WorkerRecord) => void;
  readonly intervalMs?: number;
}

/**
 * Has everybody know that this worker is there and what it holds, and does what is asked of it: drain, or take jobs again. While the
 * database does not answer it goes on as it was; its jobs are fenced.
 */
export class WorkerPresence {
  private readonly beating: Repeater;
  private last: WorkerRecord | undefined;
  private unsubscribe: () => void = () => {};

  constructor(private readonly parts: WorkerPresenceParts) {
    const { intervalMs = HEARTBEAT_MS, onError } = parts;
    this.beating = new Repeater(() => this.beat(), { intervalMs, onError });
  }

  /** Resolves once the worker is known. @throws the storage's error when that fails */
  async start(): Promise<void> {
    const { wakeups, held, id } = this.parts;
    await this.beat();
    this.unsubscribe = wakeups.onWorker(id, () => this.kick());
    held.onChange(() => this.kick());
    this.beating.start();
  }

  /** Something changed that others may want to know. */
  kick(): void {
    this.beating.kick();
  }

  /** Tells at once what changed. */
  async tell(): Promise<void> {
    const { workers, describe, held } = this.parts;
    await workers.heartbeat(await describe(), held.ids);
  }

  /** The process is about to end: nothing more is asked of it. */
  async leave(): Promise<void> {
    this.unsubscribe();
    await this.beating.stop();
    await this.parts.workers
      .update(this.parts.id, (worker) => askedToDrain(worker, 'checkpoint'))
      .catch(this.parts.onError);
  }

  /** All that it held is handed back. */
  async gone(): Promise<void> {
    await this.parts.workers.stop(this.parts.id).catch(this.parts.onError);
  }

  private async beat(): Promise<void> {
    const { workers, describe, held, queues, id } = this.parts;
    const worker = await workers.heartbeat(await describe(), held.ids);
    await this.obey(worker);
    if (worker.phase !== 'draining' || !queues.isIdle) return;
    const settled = await workers.update(id, drained);
    if (settled !== undefined) this.note(settled);
  }

  private async obey(worker: WorkerRecord): Promise<void> {
    const { queues } = this.parts;
    const { phase, drainMode } = worker;
    const isNews = phase !== this.last?.phase || drainMode !== this.last?.drainMode;
    if (phase === 'active') await queues.resume();
    else if (phase === 'draining' && drainMode === 'checkpoint' && isNews) await queues.handBack();
    else if (isNews) await queues.rest();
    if (isNews) this.note(worker);
  }

  private note(worker: WorkerRecord): void {
    this.last = worker;
    this.parts.onPhase(worker);
  }
}
