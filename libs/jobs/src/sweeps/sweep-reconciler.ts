import { eachInPages } from '../each-in-pages.js';
import { Repeater } from '../repeater.js';
import type { SweepRepository } from './sweep-repository.port.js';
import type { SweepService } from './sweep-service.js';

export interface SweepReconcilerParts {
  readonly sweeps: SweepRepository;
  readonly service: SweepService;
  readonly now: () => Date;
  readonly onError: (error: unknown) => void;
  readonly intervalMs?: number;
  /** Leaves alone what was touched more recently: its message is on its way. */
  readonly graceMs?: number;
}

const SWEEPS_PER_READ = 50;

/**
 * Looks at sweeps that nobody has touched for a while, as the messages do that a queue may have lost. Messages of their jobs the
 * Reconciler puts back, as those of all others.
 */
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
    const { sweeps, service, now, onError, graceMs = 30_000 } = this.parts;
    const untouchedSince = new Date(now().getTime() - graceMs);
    const found = eachInPages(SWEEPS_PER_READ, (page) => sweeps.unfinished({ untouchedSince, ...page }));
    for await (const { id } of found) await service.look(id).catch(onError);
  }
}
