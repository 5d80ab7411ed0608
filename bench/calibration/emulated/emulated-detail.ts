import type { Stability } from '#calibration';
import type { HeldLatency } from './hold-latency.js';
import type { EmulatedScale } from './scale.js';

/** One network at one operating point, with all samples of all its processes. */
export interface EmulatedCell {
  readonly operatingPoint: string;
  readonly ratio: number;
  /** Top-1 on the test images, 0..1. */
  readonly accuracy: number;
  /** What slowed the process down. */
  readonly emulation: string;
  readonly processesMs: readonly (readonly number[])[];
  readonly p50Ms: number;
  /** 95 % interval of the median. */
  readonly p50LowMs: number;
  readonly p50HighMs: number;
  readonly p90Ms: number;
}

interface EmulatedDetail extends Stability {
  readonly emulated: true;
  readonly cells: readonly EmulatedCell[];
}

/** Behind `emulated_dense_spread`. */
export interface DenseDetail extends EmulatedDetail {
  readonly network: EmulatedScale['network'];
  readonly batch: number;
  readonly threads: number;
}

/** Behind `emulated_calibrated_spread`. */
export interface CalibratedDetail extends EmulatedDetail, Omit<HeldLatency, 'chosen'> {}
