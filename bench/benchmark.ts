/** One figure of a benchmark. */
export interface BenchRow {
  /** Stable: other programs look rows up by it. */
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Raw samples, sizes and whatever else explains the figure. */
  readonly detail: Readonly<Record<string, unknown>>;
}

export interface Benchmark {
  /** One line for `--help`. */
  readonly summary: string;
  run(say: (text: string) => void): Promise<BenchRow[]>;
}

/** What `--json FILE` writes. */
export interface BenchFile {
  readonly bench: string;
  readonly command: string;
  readonly machine: Readonly<Record<string, unknown>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly BenchRow[];
}
