import { calibrate, CalibrationError } from '#calibration';
import { AppError, MAX_RATIOS } from '#contracts';
import type { Calibrator } from '#devices';

/** The calibration of libs/calibration, its errors as the service's own. */
export const calibrator: Calibrator = (input) => {
  try {
    return calibrate({ ...input, trainableRatios: MAX_RATIOS });
  } catch (cause) {
    if (!(cause instanceof CalibrationError)) throw cause;
    throw new AppError('latency_table_unusable', cause.message, { cause });
  }
};
