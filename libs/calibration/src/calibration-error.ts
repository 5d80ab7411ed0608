/** A latency table or a target that allows no calibration; names the field, the value and what was expected. */
export class CalibrationError extends Error {
  override readonly name = 'CalibrationError';
}
