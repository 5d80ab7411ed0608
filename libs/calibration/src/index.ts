export { CalibrationError } from './calibration-error.js';
export type { CalibrationPoint } from './calibration-point.js';
export {
  calibrate,
  type CalibrationChoice,
  type CalibrationInput,
  type CalibrationResult,
} from './calibrate.js';
export {
  BLOCK as DRIFT_BLOCK,
  BLOCKS_BETWEEN_FALSE_ALARMS,
  driftEvidence,
  NO_DRIFT_SEEN,
  testDrift,
  type DriftReference,
  type DriftState,
  type DriftVerdict,
} from './latency-drift.js';
export type { CalibrationCell } from './latency-table.js';
export { nextCell, type GridCell, type NextCellInput } from './next-cell.js';
export { stabilityOf, type Stability } from './stability.js';
export { summarise, type LatencySummary } from './summarise.js';
export type { CalibrationTarget } from './target.js';
export { verifyPoints, type PointVerification, type VerificationInput } from './verify-points.js';
