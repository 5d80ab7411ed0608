import type { AccuracyRun, RunProgress } from './accuracy-run.js';
import { RunFailedError, type PerformRun } from './run-process.js';
import type { RunIdentity, RunStore } from './run-store.js';

/** One run that is wanted. */
export interface PlannedRun extends RunIdentity {
  /** Multiply-accumulates that its training takes, roughly: how long it is beside the others. */
  readonly plannedMacs: number;
  readonly perform: PerformRun;
}

export interface RunUnderWay {
  readonly planned: PlannedRun;
  readonly seconds: number;
  /** Absent until it says something. */
  readonly progress: RunProgress | undefined;
}

export interface FinishedRun {
  readonly planned: PlannedRun;
  readonly run: AccuracyRun;
}

export interface FailedRun {
  readonly planned: PlannedRun;
  readonly message: string;
}

/** Where a list of runs stands. */
export interface PoolState {
  readonly waiting: readonly PlannedRun[];
  readonly underWay: readonly RunUnderWay[];
  readonly finished: readonly FinishedRun[];
  readonly failed: readonly FailedRun[];
}

export interface PoolOptions {
  readonly store: RunStore;
  /** How many runs there are at once. */
  readonly jobs: number;
  /** Hears of every change, the first time when the store has given what it has. */
  readonly onChange?: (state: PoolState) => void;
}

/**
 * Gets runs in the order of their list: from the store, or performed and stored. One that fails is left out, and the
 * others go on.
 */
export async function performAll(runs: readonly PlannedRun[], options: PoolOptions): Promise<PoolState> {
  const pool = new RunPool(options);
  await pool.takeStored(runs);
  await Promise.all(Array.from({ length: options.jobs }, () => pool.work()));
  return pool.state();
}

class RunPool {
  readonly #waiting: PlannedRun[] = [];
  readonly #underWay = new Map<PlannedRun, { beganMs: number; progress: RunProgress | undefined }>();
  readonly #finished: FinishedRun[] = [];
  readonly #failed: FailedRun[] = [];

  constructor(private readonly options: PoolOptions) {}

  async takeStored(runs: readonly PlannedRun[]): Promise<void> {
    for (const planned of runs) {
      const run = await this.options.store.find(planned);
      if (run) this.#finished.push({ planned, run });
      else this.#waiting.push(planned);
    }
    this.#changed();
  }

  /** One run after the other, while there are some. */
  async work(): Promise<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) await this.#perform(next);
    this.#changed();
  }

  state(): PoolState {
    const now = performance.now();
    const underWay = [...this.#underWay].map(([planned, { beganMs, progress }]) => {
      return { planned, progress, seconds: (now - beganMs) / 1000 };
    });
    return {
      waiting: [...this.#waiting],
      underWay,
      finished: [...this.#finished],
      failed: [...this.#failed],
    };
  }

  async #perform(planned: PlannedRun): Promise<void> {
    const entry = { beganMs: performance.now(), progress: undefined as RunProgress | undefined };
    this.#underWay.set(planned, entry);
    this.#changed();
    try {
      const run = await planned.perform((progress) => {
        entry.progress = progress;
        this.#changed();
      });
      await this.options.store.save(planned, run);
      this.#finished.push({ planned, run });
    } catch (error) {
      if (!(error instanceof RunFailedError)) throw error;
      this.#failed.push({ planned, message: error.message });
    } finally {
      this.#underWay.delete(planned);
    }
  }

  #changed(): void {
    this.options.onChange?.(this.state());
  }
}
