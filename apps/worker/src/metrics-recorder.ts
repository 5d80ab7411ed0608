import { MAX_METRICS_STEPS, type MetricsBatch } from '#contracts';
import type { TrainFamilyProgress } from '#pruning';
import { toTenths } from './progress-reporter.js';

const INTERVAL_MS = 1000;

/** A step that is done, and a time from which on the next one is done. */
interface Mark {
  readonly series: string;
  readonly step: number;
  readonly atMs: number;
}

/** What is recorded. */
export interface RecordedTraining {
  /** Begins the name of every series. */
  readonly name: string;
  /** Of every step. */
  readonly batchSize: number;
  readonly ratios: readonly number[];
  /** Test images that accuracies are of. */
  readonly evaluationImages: number;
  /** Whether accuracies come behind a step: they are sent in one batch with it. */
  readonly isEvaluated: (progress: TrainFamilyProgress) => boolean;
}

/** Gathers what is measured of consecutive steps into batches, about one a second. */
export class MetricsRecorder {
  private batch: MetricsBatch | undefined;
  private begunMs = 0;
  private last: Mark | undefined;
  /** The speed of a batch is measured from here to its last step. */
  private from: Mark | undefined;

  /** @param nowMs a clock that only goes forward */
  constructor(
    private readonly training: RecordedTraining,
    private readonly send: (batch: MetricsBatch) => void,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Progress without a loss is that of a phase that trains nothing. */
  record(progress: TrainFamilyProgress): void {
    const { phase, step, loss } = progress;
    if (loss === undefined) return this.flush();
    const series = `${this.training.name}/${phase}`;
    if (this.batch && this.batch.series !== series) this.flush();
    this.last = { series, step, atMs: this.nowMs() };
    this.batch ??= this.begun(this.last);
    this.batch.losses.push(loss);
    // Nothing tells when the first step of a phase, or of an attempt, was begun.
    if (this.from?.series !== series) this.from = this.last;
    if (this.training.isEvaluated(progress)) return;
    const isFull = this.batch.losses.length === MAX_METRICS_STEPS;
    if (isFull || this.last.atMs - this.begunMs >= INTERVAL_MS) this.flush();
  }

  /** What was measured behind the last step that was recorded. @param accuracies of the first ratios, in their order */
  evaluated(epoch: number, accuracies: readonly number[]): void {
    const { ratios, evaluationImages: images } = this.training;
    const each = accuracies.map((accuracy, index) => ({ ratio: ratios[index]!, accuracy }));
    if (this.batch) this.batch.evaluation = { epoch, images, ratios: each };
    this.flush();
  }

  /** Sends what is gathered. What was done since the last step, keeping a checkpoint say, counts for the speed of none. */
  flush(): void {
    const { batch, last } = this;
    this.batch = undefined;
    if (batch !== undefined) this.send({ ...batch, ...this.speed() });
    this.from = last && { ...last, atMs: this.nowMs() };
  }

  private begun({ series, step: firstStep, atMs }: Mark): MetricsBatch {
    this.begunMs = atMs;
    return { series, firstStep, losses: [] };
  }

  private speed(): Pick<MetricsBatch, 'imagesPerSecond'> {
    const { from, last } = this;
    if (from === undefined || last === undefined || last.atMs <= from.atMs) return {};
    const images = (last.step - from.step) * this.training.batchSize;
    return { imagesPerSecond: toTenths((images * 1000) / (last.atMs - from.atMs)) };
  }
}
