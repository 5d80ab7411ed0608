import { CalibrationError, verifyPoints } from '#calibration';
import { AppError, withClocks } from '#contracts';
import { measuredMedians, type CalibrationService } from '#devices';
import type { DeploymentJudge } from '#registry';

/** Judges measurements of a version's subnets as the verification of a candidate is judged. */
export function deploymentJudge(calibrations: Pick<CalibrationService, 'draft'>): DeploymentJudge {
  return {
    calibrate: (actor, { model, version, target, tolerance, mode }, latencyTableId) =>
      calibrations.draft(actor, { latencyTableId, target, tolerance, mode, version: { model, version } }),
    verify: ({ choices, targetMs, tolerance, mode }, table, device) => {
      const names = choices.map(({ operatingPoint }) => operatingPoint);
      const cells = measuredMedians(table).map((cell) => ({ ...cell, learned: true }));
      const largestRatio = Math.max(...cells.map(({ ratio }) => ratio));
      const operatingPoints = withClocks(names, device.operatingPoints);
      try {
        return verifyPoints({ operatingPoints, cells, targetMs, tolerance, mode, largestRatio });
      } catch (cause) {
        if (!(cause instanceof CalibrationError)) throw cause;
        throw new AppError('latency_table_unusable', cause.message, { cause });
      }
    },
  };
}
