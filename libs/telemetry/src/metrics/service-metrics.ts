import { Counter, Gauge, type Registry } from 'prom-client';
import { cached } from './cached.js';
import { JOB_SECONDS } from './durations.js';
import { registerStoredHistogram, type StoredDurations } from './stored-histogram.js';

type Bounds = readonly number[];

/** Where the state of the whole service is told from. Each is asked when somebody scrapes, at most every few seconds. */
export interface ServiceSources {
  readonly jobs: () => Promise<readonly { state: string; stage: string; count: number }[]>;
  readonly jobDurations: (boundsSeconds: Bounds) => Promise<readonly StoredDurations[]>;
  readonly stageDurations: (boundsSeconds: Bounds) => Promise<readonly StoredDurations[]>;
  readonly outbox: () => Promise<{ pending: number; oldestAt: Date | undefined }>;
  readonly queues: () => Promise<readonly ({ queue: string } & Record<MessageState, number>)[]>;
  /** Every worker that is known, with its state. */
  readonly workers: () => Promise<readonly { worker: string; state: string }[]>;
  /** Told of a source that failed; its metric has no samples in that scrape. */
  readonly onError: (metric: string, error: unknown) => void;
}

/** Durations are counted over all that ever ended, and change little in a minute: they are kept longer. */
const DURATIONS_AGE_FACTOR = 6;
const MESSAGE_STATES = ['waiting', 'active', 'delayed', 'failed'] as const;
type MessageState = (typeof MESSAGE_STATES)[number];

export interface ServiceMetricsOptions {
  /** How old what is told may be; protects the database from whoever scrapes often. */
  readonly maxAgeMs?: number;
  /** States and stages of jobs, so that what there is none of is told as 0. */
  readonly jobStates: readonly string[];
  readonly jobStages: readonly string[];
}

interface Sample<L extends string> {
  readonly labels: Partial<Record<L, string>>;
  readonly value: number;
}

/**
 * Registers what describes the whole service. Every process that does tells the same, also after a restart: take the
 * `max` over them, not the sum.
 */
export function registerServiceMetrics(
  registry: Registry,
  sources: ServiceSources,
  { maxAgeMs = 5000, jobStates, jobStages }: ServiceMetricsOptions,
): void {
  const read = reader(registry, sources.onError, maxAgeMs);
  const zeros = jobStates.flatMap((state) => jobStages.map((stage) => ({ state, stage, count: 0 })));
  gauge(registry, 'isochron_jobs', 'Jobs by state and stage', ['state', 'stage'], read, async () =>
    [...zeros, ...(await sources.jobs())].map(({ count, ...labels }) => ({ labels, value: count })),
  );
  const queueHelp = 'Messages by queue and state';
  gauge(registry, 'isochron_queue_messages', queueHelp, ['queue', 'state'], read, async () =>
    (await sources.queues()).flatMap(({ queue, ...counts }) =>
      MESSAGE_STATES.map((state) => ({ labels: { queue, state }, value: counts[state] })),
    ),
  );
  registerOutbox(registry, sources, read);
  const stateHelp = '1 for the state that a worker is in';
  gauge(registry, 'isochron_worker_state', stateHelp, ['worker', 'state'], read, async () =>
    (await sources.workers()).map((labels) => ({ labels, value: 1 })),
  );
  registerDurations(registry, sources, read);
}

type Read = <T>(
  metric: string,
  load: () => Promise<readonly T[]>,
  ageFactor?: number,
) => () => Promise<readonly T[]>;

/** Reads a source through a cache, and gives nothing where it fails: other metrics are told all the same. */
function reader(registry: Registry, onError: ServiceSources['onError'], maxAgeMs: number): Read {
  const failures = new Counter({
    name: 'isochron_metrics_source_errors_total',
    help: 'Failures to read what a metric is told from',
    labelNames: ['metric'],
    registers: [registry],
  });
  return (metric, load, ageFactor = 1) => {
    const fresh = cached(load, ageFactor * maxAgeMs);
    failures.inc({ metric }, 0);
    return async () => {
      try {
        return await fresh();
      } catch (error) {
        failures.inc({ metric });
        onError(metric, error);
        return [];
      }
    };
  };
}

function gauge<L extends string>(
  registry: Registry,
  name: string,
  help: string,
  labelNames: L[],
  read: Read,
  load: () => Promise<readonly Sample<L>[]>,
): void {
  const samples = read(name, load);
  new Gauge<L>({
    ...{ name, help, labelNames, registers: [registry] },
    async collect() {
      const found = await samples();
      this.reset();
      for (const { labels, value } of found) this.set(labels as Record<L, string>, value);
    },
  });
}

function registerOutbox(registry: Registry, { outbox }: ServiceSources, read: Read): void {
  gauge<never>(registry, 'isochron_outbox_messages', 'Messages that no queue has yet', [], read, async () => [
    { labels: {}, value: (await outbox()).pending },
  ]);
  const help = 'Age of the oldest message that no queue has yet';
  gauge<never>(registry, 'isochron_outbox_oldest_seconds', help, [], read, async () => {
    const { oldestAt } = await outbox();
    return [{ labels: {}, value: oldestAt === undefined ? 0 : (Date.now() - oldestAt.getTime()) / 1000 }];
  });
}

function registerDurations(registry: Registry, sources: ServiceSources, read: Read): void {
  const histogram = (
    name: string,
    help: string,
    load: (bounds: Bounds) => Promise<readonly StoredDurations[]>,
  ) =>
    registerStoredHistogram(registry, {
      ...{ name, help, boundsSeconds: JOB_SECONDS },
      load: read(name, () => load(JOB_SECONDS), DURATIONS_AGE_FACTOR),
    });
  histogram(
    'isochron_job_duration_seconds',
    'Time from the submission of a job to its end, by final state',
    sources.jobDurations,
  );
  histogram(
    'isochron_job_stage_duration_seconds',
    'Time from when a job entered a stage to when it left it, waiting included',
    sources.stageDurations,
  );
}
