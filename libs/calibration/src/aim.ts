import { upperMs, type Prediction } from './model/latency-model.js';

/**
 * `stable`: as near to the target as possible; `deadline`: the smallest ratio whose latency stays below the target, interval
 * included.
 */
export type CalibrationMode = 'stable' | 'deadline';

/** What latencies are to be. */
export interface Aim {
  readonly targetMs: number;
  /** Relative distance from the target that still counts as met. */
  readonly tolerance: number;
  readonly mode: CalibrationMode;
}

export function isMet({ targetMs, tolerance, mode }: Aim, prediction: Prediction): boolean {
  if (mode === 'deadline') return upperMs(prediction) <= targetMs;
  return Math.abs(prediction.ms - targetMs) <= tolerance * targetMs;
}

/** The longest latency that meets it. */
export const latestMs = ({ targetMs, tolerance, mode }: Aim): number =>
  mode === 'deadline' ? targetMs : targetMs * (1 + tolerance);
