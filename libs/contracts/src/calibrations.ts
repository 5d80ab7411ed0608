import { z } from 'zod';
import { Audit, Id, Ratio } from './common.js';

export const CalibrationTarget = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('latency'), latencyMs: z.number().positive() }),
  z.strictObject({ kind: z.literal('fastest-at-ratio'), ratio: Ratio.default(0) }),
]);
export type CalibrationTarget = z.infer<typeof CalibrationTarget>;

export const CreateCalibration = z.strictObject({
  latencyTableId: Id,
  target: CalibrationTarget.default({ kind: 'fastest-at-ratio', ratio: 0 }),
  tolerance: z.number().min(0.001).max(1).default(0.05).describe('relative distance from the target allowed'),
  save: z.boolean().default(true).describe('false: a preview that stores nothing'),
});
export type CreateCalibration = z.infer<typeof CreateCalibration>;

/** max/min, variance (ms squared) and coefficient of variation of the p50 latency over operating points. */
export const Stability = z.object({ spread: z.number(), varianceMs2: z.number(), cov: z.number() });
export type Stability = z.infer<typeof Stability>;

export const CalibrationChoice = z.object({
  operatingPoint: z.string(),
  ratio: Ratio,
  predictedMs: z.number(),
  denseMs: z.number(),
  feasible: z.boolean().describe('whether the prediction is within the tolerance of the target'),
  reason: z.string().optional().describe('why a point is infeasible, with the nearest latency it can reach'),
});
export type CalibrationChoice = z.infer<typeof CalibrationChoice>;

export const CalibrationResult = z.object({
  targetMs: z.number(),
  tolerance: z.number(),
  choices: z.array(CalibrationChoice),
  ratios: z.array(Ratio).describe('the ratio schedule to train: 0 and every chosen ratio, ascending'),
  stability: z.object({ dense: Stability, calibrated: Stability }),
});
export type CalibrationResult = z.infer<typeof CalibrationResult>;

export const Calibration = CalibrationResult.extend({
  ...Audit.shape,
  deviceId: Id,
  latencyTableId: Id,
  target: CalibrationTarget,
});
export type Calibration = z.infer<typeof Calibration>;
export const CalibrationPreview = CalibrationResult.extend({ deviceId: Id, latencyTableId: Id });
export type CalibrationPreview = z.infer<typeof CalibrationPreview>;
