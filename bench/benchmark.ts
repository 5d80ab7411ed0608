import type { Command } from 'commander';

/** One figure of a benchmark. */
export interface BenchRow {
  /** Stable: other programs look rows up by it. */
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** 95 times in 100 the true value lies in there, where the figure is a mean of several. */
  readonly interval?: readonly [lower: number, upper: number];
  /** What the project wants of the figure, where it wants something. */
  readonly goal?: Goal;
  /** Raw samples, sizes and whatever else explains the figure. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** In the detail of a row that is a mean over seeds. */
export interface SeedsOfRow {
  /** Those that every training behind the figure finished. */
  readonly seeds: readonly number[];
  /** How many there should be. */
  readonly seedsAsked: number;
}

export interface Goal {
  /** `nearer-zero`: both bounds are of the figure's size, whatever its sign. */
  readonly better: 'higher' | 'lower' | 'nearer-zero';
  readonly mustLand: number;
  readonly aim: number;
  /** Bound of the lower end of the figure's interval, which must land too. */
  readonly intervalAtLeast?: number;
  /** Whether a figure without an interval, one of a single seed, lands nowhere; default: only under `intervalAtLeast`. */
  readonly needsInterval?: boolean;
}

/** A training that failed; the figures are made from the others. */
export interface RunFailure {
  readonly method: string;
  readonly seed: number;
  /** May have several lines. */
  readonly message: string;
}

export interface BenchOptions {
  /** How often the contestants take turns; more rounds are steadier. */
  readonly rounds: number;
  /** Tiny work: shows that everything runs and agrees; its times mean nothing. */
  readonly quick: boolean;
  /** Python interpreters whose PyTorch is raced. */
  readonly peerPythons: readonly string[];
}

export interface BenchResult {
  readonly rows: readonly BenchRow[];
  /** Of what was found while running, beside the versions that every benchmark states. */
  readonly versions?: Readonly<Record<string, string>>;
  /** What was run, where the rows alone do not say it. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Makes the process fail after the figures are written, unless it is empty. */
  readonly failed?: readonly RunFailure[];
}

export interface Benchmark<OwnOptions extends object = object> {
  /** One line for `--help`. */
  readonly summary: string;
  /** Declares options that only this benchmark has; `run` is given their values beside the others. */
  readonly addOptions?: (command: Command) => void;
  run(say: (text: string) => void, options: BenchOptions & OwnOptions): Promise<BenchResult>;
}

/** What `--json FILE` writes. */
export interface BenchFile {
  readonly bench: string;
  readonly command: string;
  readonly machine: Readonly<Record<string, unknown>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly failed?: readonly RunFailure[];
  readonly rows: readonly BenchRow[];
}
