import type { Job } from '#contracts';

/** Chooses the ratios of a job that had its device measured. */
export interface JobCalibration {
  /** Stores a calibration of the job's latency table. @throws AppError latency_table_unusable or invalid_request */
  calibrate(job: Job): Promise<{ readonly calibrationId: string; readonly ratios: readonly number[] }>;
}
