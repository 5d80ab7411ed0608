import { eachInPages } from '../each-in-pages.js';
import type { JobMessage } from '../lifecycle/transitions.js';
import { Repeater } from '../repeater.js';
import { messagesOf } from './sweep-dispatch.js';
import type { SweepQueue } from './sweep-queue.port.js';
import type { SweepRepository } from './sweep-repository.port.js';
import type { SweepService } from './sweep-service.js';

export interface SweepReconcilerParts {
  readonly sweeps: SweepRepository;
  readonly service: SweepService;
  readonly queue: SweepQueue;
  readonly now: () => Date;
  readonly onError: (error: unknown) => void;
  readonly intervalMs?: number;
  /** Leaves alone what was touched more recently: its message is on its way. */
  readonly graceMs?: number;
}

const SWEEPS_PER_READ = 50;

/** Looks at sweeps that nobody has looked at for a while, and sends out again what the queue lost of them. */
export class SweepReconciler {
  private readonly repeater: Repeater;

  constructor(private readonly parts: SweepReconcilerParts) {
    const { intervalMs = 15_000, onError } = parts;
    this.repeater = new Repeater(() => this.reconcile(), { intervalMs, onError });
  }

  start(): void {
    this.repeater.start();
  }

  stop(): Promise<void> {
    return this.repeater.stop();
  }

  /** One pass over all unfinished sweeps. An error of one is reported and does not keep back the others. */
  async reconcile(): Promise<void> {
    const { sweeps, now, onError, graceMs = 30_000 } = this.parts;
    const untouchedSince = new Date(now().getTime() - graceMs);
    const found = eachInPages(SWEEPS_PER_READ, (page) => sweeps.unfinished({ untouchedSince, ...page }));
    for await (const { id } of found) await this.restore(id).catch(onError);
  }

  private async restore(sweepId: string): Promise<void> {
    const { sweeps, service, queue } = this.parts;
    await service.look(sweepId);
    const messages: JobMessage[] = messagesOf(await sweeps.jobs(sweepId));
    if (messages.length > 0) await queue.fanOut(sweepId, messages);
  }
}
