/** One figure of a benchmark. */
export interface BenchRow {
  /** Stable: other programs look rows up by it. */
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What the project wants of the figure, where it wants something. */
  readonly goal?: Goal;
  /** Raw samples, sizes and whatever else explains the figure. */
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface Goal {
  readonly better: 'higher' | 'lower';
  readonly mustLand: number;
  readonly aim: number;
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
}

export interface Benchmark {
  /** One line for `--help`. */
  readonly summary: string;
  run(say: (text: string) => void, options: BenchOptions): Promise<BenchResult>;
}

/** What `--json FILE` writes. */
export interface BenchFile {
  readonly bench: string;
  readonly command: string;
  readonly machine: Readonly<Record<string, unknown>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly BenchRow[];
}
