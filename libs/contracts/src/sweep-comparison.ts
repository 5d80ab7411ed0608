import { z } from 'zod';
import { Id, Ratio, Timestamp } from './common.js';
import { JobState } from './job-lifecycle.js';
import { JobError } from './jobs.js';
import { SweepValues } from './sweep-axes.js';

const RatioOutcome = z.object({
  ratio: Ratio,
  accuracy: z.number().describe('top-1 on the test images, 0..1'),
  macs: z.number().int(),
  parameters: z.number().int(),
  derived: z.boolean(),
});

/** What one job of a sweep achieved. */
export const SweepRow = z.object({
  jobId: Id,
  values: SweepValues,
  state: JobState,
  deviceId: Id.optional(),
  calibrationId: Id.optional(),
  version: z.number().int().optional().describe('of the model'),
  ratios: z.array(RatioOutcome).describe('none where it was not trained'),
  trainingMacs: z.number().optional().describe('multiply-accumulates of all training steps'),
  trainingSeconds: z.number().optional(),
  spread: z
    .number()
    .optional()
    .describe('of a verified job: largest over smallest latency at the operating points, each at its ratio'),
  error: JobError.optional(),
});
export type SweepRow = z.infer<typeof SweepRow>;

/** Of several seeds; the standard deviation is the sample's, and absent for one alone. */
export const SeedStatistics = z.object({
  mean: z.number(),
  standardDeviation: z.number().optional(),
  seeds: z.number().int().describe('that it is of'),
});
export type SeedStatistics = z.infer<typeof SeedStatistics>;

/** Jobs that differ in nothing but their seeds, taken together. */
export const SweepGroup = z.object({
  values: SweepValues.describe('without the seed'),
  jobIds: z.array(Id).describe('that were trained'),
  ratios: z.array(
    z.object({ ratio: Ratio, derived: z.boolean(), accuracy: SeedStatistics, macs: SeedStatistics }),
  ),
  trainingMacs: SeedStatistics.optional(),
  trainingSeconds: SeedStatistics.optional(),
  spread: SeedStatistics.optional(),
});
export type SweepGroup = z.infer<typeof SweepGroup>;

/** All jobs of a sweep side by side, once they have ended. */
export const SweepComparison = z.object({
  gatheredAt: Timestamp,
  rows: z.array(SweepRow).describe("in the order of the sweep's jobs"),
  groups: z.array(SweepGroup).describe('over seeds; those in which nothing was trained are left out'),
});
export type SweepComparison = z.infer<typeof SweepComparison>;
