import { AppError, MAX_RATIOS, type Job } from '#contracts';
import type { CalibrationService } from '#devices';
import { checkUntrainedRatios, type JobCalibration } from '#jobs';

/** Calibrates the latency table that a job had measured, as its request says. */
export function jobCalibration(calibrations: CalibrationService): JobCalibration {
  return {
    calibrate: async (job) => {
      const made = await calibrations.draft(job, requestOf(job));
      checkUntrainedRatios(job.spec, made);
      return made;
    },
  };
}

function requestOf({ id, spec, latencyTableId }: Job) {
  if (spec.profile === undefined || latencyTableId === undefined)
    throw new AppError('internal', `job "${id}" has no latency table to calibrate`);
  const { target, tolerance, mode, maxRatio, maxTrainedRatios = MAX_RATIOS } = spec.profile;
  return { latencyTableId, target, tolerance, mode, maxRatio, maxTrainedRatios };
}
