import { z } from 'zod';
import { Ratio } from './common.js';

/** Steps in one batch at most. */
export const MAX_METRICS_STEPS = 5000;

/** How accurate the networks are that a training has so far. */
export const TrainingAccuracies = z.object({
  epoch: z.number().int().min(1).describe('that has ended, of the phase'),
  images: z.number().int().min(1).describe('test images, the first ones'),
  ratios: z
    .array(z.object({ ratio: Ratio, accuracy: z.number().min(0).max(1).describe('top-1') }))
    .min(1)
    .describe('all that are trained jointly; before the joint phase, the dense network'),
});
export type TrainingAccuracies = z.infer<typeof TrainingAccuracies>;

/** Consecutive steps of one series: what `losses[i]` is of is step `firstStep + i`. */
export const MetricsBatch = z.object({
  series: z
    .string()
    .min(1)
    .max(200)
    .describe('training and phase, such as `all-in-one/joint`; steps count from 1 in each'),
  firstStep: z.number().int().min(1),
  losses: z
    .array(z.number())
    .min(1)
    .max(MAX_METRICS_STEPS)
    .describe('mean over the ratios trained in the step'),
  imagesPerSecond: z
    .number()
    .min(0)
    .optional()
    .describe('measured while these steps were done; absent where an attempt began with one step alone'),
  evaluation: TrainingAccuracies.optional().describe(
    'behind the last of these steps, where that ended an epoch after which accuracy was measured',
  ),
});
export type MetricsBatch = z.infer<typeof MetricsBatch>;
