/** Latencies that quantiles are told from: the newest so many of a group. */
const KEPT = 10_000;

/** Latencies of one ratio at one operating point. */
export interface LatencyGroup {
  readonly operatingPoint: string;
  readonly ratio: number;
  readonly count: number;
  /** Of the newest 10,000. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

interface Kept {
  readonly operatingPoint: string;
  readonly ratio: number;
  readonly latenciesMs: number[];
  count: number;
}

/** Counts latencies by operating point and ratio, in bounded memory. */
export class LatencyGroups {
  readonly #groups = new Map<string, Kept>();

  add(operatingPoint: string, ratio: number, latencyMs: number): void {
    const key = `${operatingPoint}/${ratio}`;
    const group = this.#groups.get(key) ?? { operatingPoint, ratio, latenciesMs: [], count: 0 };
    this.#groups.set(key, group);
    group.latenciesMs[group.count++ % KEPT] = latencyMs;
  }

  /** In the order in which they were seen first. */
  summaries(): LatencyGroup[] {
    return [...this.#groups.values()].map(({ operatingPoint, ratio, latenciesMs, count }) => {
      const sorted = latenciesMs.toSorted((a, b) => a - b);
      const [p50Ms, p99Ms] = [quantile(sorted, 0.5), quantile(sorted, 0.99)];
      return { operatingPoint, ratio, count, p50Ms, p99Ms };
    });
  }
}

/** The smallest value that a share `q` of them does not exceed. */
const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)]!;
