import type { Job, JobEvent, JobState, StoredJobEvent } from '#contracts';
import { keyOf, ratioKey } from './mlflow-text.js';
import type { LoggedMetric, RunStatus } from './tracking-server.port.js';

/** Events in a row that are logged together. */
export interface RunPortion {
  /** The newest of them. */
  readonly sequence: number;
  readonly metrics: readonly LoggedMetric[];
  /** The last that they say. */
  readonly status?: { readonly status: RunStatus; readonly endTime?: number };
}

/** A portion is closed when it has so many metrics, so that most portions fit into one batch with their tags. */
const METRICS_IN_PORTION = 500;

/** How MLflow calls where a job stands. */
const STATUS: Readonly<Record<JobState, RunStatus>> = {
  queued: 'SCHEDULED',
  paused: 'SCHEDULED',
  running: 'RUNNING',
  pausing: 'RUNNING',
  cancelling: 'RUNNING',
  succeeded: 'FINISHED',
  failed: 'FAILED',
  cancelled: 'KILLED',
};

const FINAL: ReadonlySet<RunStatus> = new Set(['FINISHED', 'FAILED', 'KILLED']);

/**
 * What is logged of a job's events. Every metric has a time and a step of its own that are stored with the job: logged again, it
 * is the same metric.
 * @param job as it is after the events
 */
export function runPortions(events: readonly StoredJobEvent[], job: Job): RunPortion[] {
  const portions: RunPortion[] = [];
  let open: StoredJobEvent[] = [];
  let metrics: LoggedMetric[] = [];
  for (const stored of events) {
    open.push(stored);
    metrics.push(...metricsOf(stored, job));
    if (metrics.length < METRICS_IN_PORTION && stored !== events.at(-1)) continue;
    portions.push({ sequence: stored.sequence, metrics, ...statusIn(open) });
    [open, metrics] = [[], []];
  }
  return portions;
}

function statusIn(events: readonly StoredJobEvent[]): Pick<RunPortion, 'status'> {
  const last = events.findLast(({ event }) => event.type === 'state');
  if (last?.event.type !== 'state') return {};
  const status = STATUS[last.event.state];
  return { status: { status, ...(FINAL.has(status) && { endTime: Date.parse(last.at) }) } };
}

function metricsOf({ event, at }: StoredJobEvent, job: Job): LoggedMetric[] {
  const timestamp = Date.parse(at);
  if (event.type === 'metrics') return trainingMetrics(event, timestamp);
  if (event.type === 'accuracy') {
    return [{ key: `accuracy/${ratioKey(event.ratio)}`, value: event.accuracy, timestamp, step: 0 }];
  }
  const hasResult = event.type === 'state' && event.state === 'succeeded';
  return hasResult ? resultMetrics(job, timestamp) : [];
}

function trainingMetrics(
  { series, firstStep, losses, imagesPerSecond, evaluation }: Extract<JobEvent, { type: 'metrics' }>,
  timestamp: number,
): LoggedMetric[] {
  const key = keyOf(`loss/${series}`);
  const metrics = losses.map((value, index) => ({ key, value, timestamp, step: firstStep + index }));
  const behind = { timestamp, step: firstStep + losses.length - 1 };
  const speeds = imagesPerSecond === undefined ? [] : [imagesPerSecond];
  return [
    ...metrics,
    ...speeds.map((value) => ({ key: keyOf(`images-per-second/${series}`), value, ...behind })),
    ...(evaluation?.ratios ?? []).map(({ ratio, accuracy: value }) => ({
      ...{ key: keyOf(`accuracy/${series}/${ratioKey(ratio)}`), value, ...behind },
    })),
  ];
}

/** What a job has come to. */
function resultMetrics({ candidate, verification }: Job, timestamp: number): LoggedMetric[] {
  const costs = (candidate?.ratios ?? []).flatMap(({ ratio, macs, parameters }) => [
    [`macs/${ratioKey(ratio)}`, macs] as const,
    [`parameters/${ratioKey(ratio)}`, parameters] as const,
  ]);
  const latencies = (verification?.points ?? []).flatMap(({ operatingPoint, best }) =>
    best === undefined ? [] : [[`latency-ms/${operatingPoint}`, best.measuredMs] as const],
  );
  const seconds = candidate === undefined ? [] : [['training-seconds', candidate.trainingSeconds] as const];
  return [...seconds, ...costs, ...latencies].map(([key, value]) => ({
    ...{ key: keyOf(key), value, timestamp, step: 0 },
  }));
}
