import type { Actor, Calibration } from '#contracts';

export interface CalibrationRepository {
  create(calibration: Calibration): Promise<void>;
  find(actor: Actor, calibrationId: string): Promise<Calibration | undefined>;
}
