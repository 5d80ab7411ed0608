import type { CalibrationMode, CalibrationResult, CalibrationTarget, LatencySummary } from '#contracts';

export interface CalibrationInput {
  /** With the clocks that the device declares for them. */
  readonly operatingPoints: { name: string; clocks?: Readonly<Record<string, number>> }[];
  /** Medians with their 95 % intervals. */
  readonly cells: {
    operatingPoint: string;
    ratio: number;
    p50Ms: number;
    p50LowMs: number;
    p50HighMs: number;
  }[];
  readonly target: CalibrationTarget;
  readonly tolerance: number;
  readonly mode: CalibrationMode;
  readonly maxRatio?: number;
  readonly maxTrainedRatios?: number;
}

/** Chooses one ratio per operating point. Throws AppError latency_table_unusable when the table does not allow it. */
export type Calibrator = (input: CalibrationInput) => CalibrationResult;

/** Summarises one cell's samples, in milliseconds. */
export type Summariser = (samplesMs: readonly number[]) => LatencySummary;
