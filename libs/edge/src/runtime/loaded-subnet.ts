import type { SubnetSession } from './subnet-session.js';

/** A loaded subnet in use: it goes when its last run has ended. */
export class LoadedSubnet {
  #lastRun: Promise<unknown> = Promise.resolve();

  constructor(
    readonly ratio: number,
    private readonly session: SubnetSession,
  ) {}

  run(images: Float32Array): Promise<Float32Array> {
    const run = this.session.run(images);
    this.#lastRun = run.catch(() => undefined); // whoever asked hears of it
    return run;
  }

  /** Gives its memory back once nothing runs on it; nobody may ask for another run. */
  async retire(): Promise<void> {
    await this.#lastRun;
    await this.session.release();
  }
}
