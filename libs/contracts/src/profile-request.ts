import { z } from 'zod';
import { CalibrationMode, CalibrationTarget } from './calibrations.js';
import { Id, Ratio } from './common.js';
import { CellSelection, MeasuringProtocol } from './measuring.js';

/** How a job has its device measured and calibrated before it trains; the network and its images are the job's own. */
export const ProfileRequest = z.strictObject({
  deviceId: Id,
  ratios: z
    .array(Ratio)
    .min(2)
    .max(16)
    .default([0, 0.15, 0.3, 0.45, 0.6, 0.75])
    .refine((ratios) => new Set(ratios).size === ratios.length, { message: 'expected no ratio twice' })
    .refine((ratios) => ratios.includes(0), { message: 'expected 0 (the dense network) among the ratios' })
    .describe('of the proxies that are measured'),
  selection: CellSelection.default({ kind: 'all' }),
  protocol: MeasuringProtocol.prefault({}),
  target: CalibrationTarget.default({ kind: 'fastest-at-ratio', ratio: 0 }),
  tolerance: z.number().min(0.001).max(1).default(0.05).describe('relative distance from the target allowed'),
  mode: CalibrationMode.default('stable'),
  maxRatio: z.number().min(0.01).max(0.95).optional().describe('no larger ratio is chosen'),
  maxTrainedRatios: z.number().int().min(1).max(16).optional().describe('at most so many ratios are trained'),
});
export type ProfileRequest = z.infer<typeof ProfileRequest>;
