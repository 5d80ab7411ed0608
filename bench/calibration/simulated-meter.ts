import { summarise, type CalibrationCell, type LatencySummary } from '#calibration';
import type { Draws, SimulatedDevice } from './simulated-device.js';

const NOISE = 0.03;
/** As an agent takes them by default. */
const FIRST_SAMPLES = 12;
const MORE_SAMPLES = 6;
/** Slower than the first reference by more: the device is hot. */
const DRIFT = 0.03;
const CELLS_BETWEEN_REFERENCES = 10;
const BURST_SECONDS = 3;
/** What drift makes doubtful is measured again so often at most. */
const ROUNDS = 2;

/** What is measured: a proxy's cell or, `learned`, a trained network's. */
export interface MeterRequest {
  readonly point: number;
  readonly ratio: number;
  readonly learned: boolean;
  /** Relative half-width of the median's interval that is enough. */
  readonly interval: number;
  /** Taken where the interval does not get so narrow. */
  readonly maxSamples: number;
}

/**
 * Measures a simulated device as the agent does a real one: each cell until its median is known, and the first one again and
 * again, to notice that the device has got hot; it then measures again, with rests, what it measured since it last was not.
 */
export class SimulatedMeter {
  /** Times that a cell was measured, references and repetitions with them. */
  measurements = 0;
  #workSeconds = 0;
  /** Found hot once: it works in bursts from then on, and cools down in between. */
  #careful = false;
  #reference: { readonly request: MeterRequest; readonly ms: number } | undefined;
  #unconfirmed: { readonly request: MeterRequest; readonly put: (cell: CalibrationCell) => void }[] = [];

  constructor(
    private readonly device: SimulatedDevice,
    private readonly draw: Draws,
  ) {}

  /** @param put is given the cell, and again where it turns out to have been measured on a hot device */
  measure(request: MeterRequest, put: (cell: CalibrationCell) => void): void {
    const cell = this.measured(request);
    put(cell);
    this.#reference ??= { request, ms: cell.p50Ms };
    this.#unconfirmed.push({ request, put });
    if (this.#unconfirmed.length >= CELLS_BETWEEN_REFERENCES) this.confirm();
  }

  /** Measures the reference again, and whatever it shows to be wrong. To be called after the last cell. */
  confirm(): void {
    if (this.#unconfirmed.length === 0) return;
    for (let round = 0; this.#isHot() && round < ROUNDS; round++) {
      this.#careful = true;
      this.#workSeconds = 0;
      // Whether it has cooled down shows at the reference, here at once.
      this.measured(this.#reference!.request);
      for (const { request, put } of this.#unconfirmed) put(this.measured(request));
    }
    this.#unconfirmed = [];
  }

  #isHot(): boolean {
    const { request, ms } = this.#reference!;
    return this.measured(request).p50Ms > ms * (1 + DRIFT);
  }

  /** One cell, whether the device is hot or not. */
  measured({ point, ratio, learned, interval, maxSamples }: MeterRequest): CalibrationCell {
    const sample = () => this.#sampleMs(point, ratio, learned);
    const samplesMs = Array.from({ length: FIRST_SAMPLES }, sample);
    let summary = summarise(samplesMs);
    while (!isNarrow(summary, interval) && samplesMs.length < maxSamples) {
      samplesMs.push(...Array.from({ length: MORE_SAMPLES }, sample));
      summary = summarise(samplesMs);
    }
    this.measurements++;
    const { p50Ms, p50LowMs, p50HighMs } = summary;
    return { operatingPoint: this.device.points[point]!.name, ratio, p50Ms, p50LowMs, p50HighMs, learned };
  }

  #sampleMs(point: number, ratio: number, learned: boolean): number {
    const { throttling, coolSeconds } = this.device;
    if (this.#careful && this.#workSeconds > BURST_SECONDS) this.#workSeconds = 0;
    const hot = this.#workSeconds > coolSeconds ? 1 + throttling : 1;
    const ms = this.device.trueMs(point, ratio, learned) * hot * Math.exp(NOISE * this.draw.normal());
    this.#workSeconds += ms / 1000;
    return ms;
  }
}

const isNarrow = ({ p50Ms, p50LowMs, p50HighMs }: LatencySummary, interval: number): boolean =>
  (p50HighMs - p50LowMs) / 2 <= interval * p50Ms;
