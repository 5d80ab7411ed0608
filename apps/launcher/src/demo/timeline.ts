import type { StepTiming } from '../report/report.schema.js';

/** How long the steps of a run took, in the order they began. */
export class Timeline {
  readonly timings: StepTiming[] = [];
  #current: { step: string; since: number } | undefined;

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Ends the current step, if there is one, and begins another. */
  begin(step: string): void {
    this.end();
    this.#current = { step, since: this.now() };
  }

  end(): void {
    if (!this.#current) return;
    const { step, since } = this.#current;
    this.timings.push({ step, seconds: Math.round(this.now() - since) / 1000 });
    this.#current = undefined;
  }
}
