import type {
  CalibrationMode,
  CalibrationResult,
  CalibrationTarget,
  LatencySummary,
  RatioAccuracy,
} from '#contracts';
import type { MeasuredMedian } from './measured-medians.js';

export interface CalibrationInput {
  /** Of the table's cells, then the device's others, with the clocks that the device declares for them. */
  readonly operatingPoints: { name: string; clocks?: Readonly<Record<string, number>> }[];
  readonly cells: readonly MeasuredMedian[];
  readonly target: CalibrationTarget;
  readonly tolerance: number;
  readonly mode: CalibrationMode;
  readonly maxRatio?: number;
  readonly maxTrainedRatios?: number;
  /** Ascending by ratio. */
  readonly accuracies?: readonly RatioAccuracy[];
}

/** Chooses one ratio per operating point. Throws AppError latency_table_unusable when the table does not allow it. */
export type Calibrator = (input: CalibrationInput) => CalibrationResult;

/** Summarises one cell's samples, in milliseconds. */
export type Summariser = (samplesMs: readonly number[]) => LatencySummary;
