import type { Calibration, Job } from '#contracts';

/** Chooses the ratios of a job that had its device measured. */
export interface JobCalibration {
  /** A calibration of the job's latency table; it is not stored. @throws AppError latency_table_unusable or invalid_request */
  calibrate(job: Job): Promise<Calibration>;
}
