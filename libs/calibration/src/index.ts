export { CalibrationError } from './calibration-error.js';
export {
  calibrate,
  type CalibrationChoice,
  type CalibrationInput,
  type CalibrationResult,
  type CalibrationTarget,
} from './calibrate.js';
export type { CalibrationCell } from './latency-curve.js';
export { stabilityOf, type Stability } from './stability.js';
export { summarise, type LatencySummary } from './summarise.js';
