import { CalibrationError } from './calibration-error.js';

/** How far latencies of one network lie apart over operating points. */
export interface Stability {
  /** Largest over smallest; 1 = the same everywhere. */
  readonly spread: number;
  /** Population variance, in milliseconds squared. */
  readonly varianceMs2: number;
  /** Coefficient of variation: standard deviation over mean. */
  readonly cov: number;
}

/**
 * Stability of p50 latencies, one per operating point, in milliseconds.
 * @throws CalibrationError without latencies or with one that is not positive.
 */
export function stabilityOf(latenciesMs: readonly number[]): Stability {
  if (latenciesMs.length === 0)
    throw new CalibrationError('latenciesMs: expected at least one latency, got none');
  const wrong = latenciesMs.find((ms) => !(ms > 0 && Number.isFinite(ms)));
  if (wrong !== undefined) throw new CalibrationError(`latenciesMs: ${wrong} is not a positive latency`);
  const mean = latenciesMs.reduce((sum, ms) => sum + ms, 0) / latenciesMs.length;
  const varianceMs2 = latenciesMs.reduce((sum, ms) => sum + (ms - mean) ** 2, 0) / latenciesMs.length;
  return {
    spread: Math.max(...latenciesMs) / Math.min(...latenciesMs),
    varianceMs2,
    cov: Math.sqrt(varianceMs2) / mean,
  };
}
