import type { Metric, Registry } from 'prom-client';

/** Durations with the same labels, counted by size. */
export interface StoredDurations {
  readonly labels: Readonly<Record<string, string>>;
  /** By bound, not summed up; those beyond all bounds last. */
  readonly counts: readonly number[];
  readonly sumSeconds: number;
}

export interface StoredHistogramOptions {
  readonly name: string;
  readonly help: string;
  readonly boundsSeconds: readonly number[];
  readonly load: () => Promise<readonly StoredDurations[]>;
}

interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/**
 * A histogram whose observations somebody else keeps. prom-client's own counts what its process saw, which is lost with
 * the process and split over several of them.
 */
export function registerStoredHistogram(registry: Registry, options: StoredHistogramOptions): void {
  const { name, help, boundsSeconds, load } = options;
  const get = async () => {
    const stored = await load();
    const values = stored.flatMap((durations) => samplesOf(name, boundsSeconds, durations));
    return { name, help, type: 'histogram' as const, aggregator: 'sum' as const, values };
  };
  // All that a registry does with a metric is to read its name and to call `get` and `reset`.
  registry.registerMetric({ name, get, reset: () => {} } as unknown as Metric);
}

function samplesOf(
  name: string,
  bounds: readonly number[],
  { labels, counts, sumSeconds }: StoredDurations,
): Sample[] {
  let count = 0;
  const buckets = [...bounds, '+Inf'].map((le, index) => ({
    metricName: `${name}_bucket`,
    labels: { le, ...labels },
    value: (count += counts[index] ?? 0),
  }));
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sumSeconds },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
