import type { CalibrationResult, CalibrationTarget, LatencySummary } from '#contracts';

export interface CalibrationInput {
  readonly cells: { operatingPoint: string; ratio: number; p50Ms: number }[];
  readonly operatingPoints: string[];
  readonly target: CalibrationTarget;
  readonly tolerance: number;
}

/** Chooses one ratio per operating point. Throws AppError latency_table_unusable when the table does not allow it. */
export type Calibrator = (input: CalibrationInput) => CalibrationResult;

/** Summarises one cell's samples, in milliseconds. */
export type Summariser = (samplesMs: readonly number[]) => LatencySummary;
