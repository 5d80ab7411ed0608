import type { LoadableSubnet, SubnetSession } from './subnet-session.js';

/** A loaded subnet in use: it goes when its last run has ended. */
export class LoadedSubnet {
  #lastRun: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly ratio: number,
    private readonly session: SubnetSession,
    /** Gives back what the session reads and does not own. */
    private readonly free: () => void,
  ) {}

  /** @throws what `open` throws; the subnet's memory is given back then */
  static async load(
    ratio: number,
    subnet: LoadableSubnet,
    open: (subnet: LoadableSubnet) => Promise<SubnetSession>,
  ): Promise<LoadedSubnet> {
    let isRead = false;
    try {
      const session = await open(subnet);
      isRead = subnet.isOptimised;
      return new LoadedSubnet(ratio, session, isRead ? subnet.free : () => {});
    } finally {
      if (!isRead) subnet.free();
    }
  }

  run(images: Float32Array): Promise<Float32Array> {
    const run = this.session.run(images);
    this.#lastRun = run.catch(() => undefined); // whoever asked hears of it
    return run;
  }

  /** Gives its memory back once nothing runs on it; nobody may ask for another run. */
  async retire(): Promise<void> {
    await this.#lastRun;
    await this.session.release();
    this.free();
  }
}
