import { JobStage, JobState } from '#contracts';
import type { WorkQueue } from '#queue';
import type { Logger } from '#runtime';
import type { Storage } from '#storage';
import {
  HttpMetrics,
  processRegistry,
  registerServiceMetrics,
  type MetricsRegistry,
  type ServiceSources,
} from '#telemetry';

/** What this process measures, and who may read it. */
export interface ApiMetrics {
  readonly registry: MetricsRegistry;
  readonly http: Pick<HttpMetrics, 'observe'>;
  /** Bearer token of whoever scrapes; without it only this machine may. */
  readonly token?: string | undefined;
}

export interface ApiMetricsParts {
  readonly storage: Pick<Storage, 'statistics'>;
  readonly queue: Pick<WorkQueue, 'counts'>;
  /** The state of every worker that is known. */
  readonly workers: ServiceSources['workers'];
  readonly logger: Logger;
  readonly token?: string | undefined;
  readonly maxAgeMs?: number;
}

/** Metrics of the whole service, told from database and queue, beside those of this process. */
export function apiMetrics(parts: ApiMetricsParts): ApiMetrics {
  const { logger, token, maxAgeMs } = parts;
  const registry = processRegistry();
  const sources: ServiceSources = {
    ...jobSources(parts.storage),
    queues: () => parts.queue.counts(),
    workers: parts.workers,
    onError: (metric, error) => logger.warn({ err: error, metric }, 'a metric could not be told'),
  };
  const jobStates = JobState.options;
  registerServiceMetrics(registry, sources, { maxAgeMs, jobStates, jobStages: JobStage.options });
  return { registry, http: new HttpMetrics(registry), token };
}

type JobSources = Pick<ServiceSources, 'jobs' | 'jobDurations' | 'stageDurations' | 'outbox'>;

function jobSources({ statistics }: Pick<Storage, 'statistics'>): JobSources {
  return {
    jobs: () => statistics.jobCounts(),
    jobDurations: async (bounds) =>
      (await statistics.jobDurations(bounds)).map(({ kind, ...durations }) => ({
        labels: { state: kind },
        ...durations,
      })),
    stageDurations: async (bounds) =>
      (await statistics.stageDurations(bounds)).map(({ kind, ...durations }) => ({
        labels: { stage: kind.stage, outcome: kind.outcome },
        ...durations,
      })),
    outbox: () => statistics.outbox(),
  };
}
