import { MAX_METRICS_STEPS, type MetricsBatch } from '#contracts';
import type { TrainFamilyProgress } from '#pruning';

const INTERVAL_MS = 1000;

/** Gathers the losses of consecutive steps into batches, about one a second. */
export class LossRecorder {
  private batch: MetricsBatch | undefined;
  private sentMs: number;

  /**
   * @param training its name begins the name of every series
   * @param nowMs a clock that only goes forward
   */
  constructor(
    private readonly training: string,
    private readonly send: (batch: MetricsBatch) => void,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.sentMs = nowMs();
  }

  /** Progress without a loss is that of a phase that trains nothing. */
  record({ phase, step, loss }: TrainFamilyProgress): void {
    if (loss === undefined) return this.flush();
    const series = `${this.training}/${phase}`;
    if (this.batch?.series !== series) this.flush();
    this.batch ??= { series, firstStep: step, losses: [] };
    this.batch.losses.push(loss);
    const isFull = this.batch.losses.length === MAX_METRICS_STEPS;
    if (isFull || this.nowMs() - this.sentMs >= INTERVAL_MS) this.flush();
  }

  /** Sends what is gathered. */
  flush(): void {
    const { batch } = this;
    this.batch = undefined;
    this.sentMs = this.nowMs();
    if (batch !== undefined) this.send(batch);
  }
}
