import { z } from 'zod';

/** Steps in one batch at most. */
export const MAX_METRICS_STEPS = 5000;

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
});
export type MetricsBatch = z.infer<typeof MetricsBatch>;
