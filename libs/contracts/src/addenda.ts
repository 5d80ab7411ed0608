import { z } from 'zod';
import { Audit, Id, Name, Ratio, Sha256 } from './common.js';
import { JobPriority, WorkerRequirements } from './job-lifecycle.js';
import { MAX_RATIOS, RatioResult } from './jobs.js';

/** Asks for ratios that a version lacks; they are derived without training. */
export const CreateAddendum = z.strictObject({
  ratios: z
    .array(Ratio)
    .min(1)
    .max(MAX_RATIOS)
    .refine((ratios) => ratios.every((ratio, i) => i === 0 || ratio > ratios[i - 1]!), {
      message: 'expected ascending ratios without duplicates',
    })
    .describe('between the smallest and the largest trained ratio of the version, none that it has'),
  datasetId: Id.optional().describe(
    'whose training images BatchNorm is recalibrated on, and whose test images accuracy is measured on; default: the ' +
      'dataset that the version was trained on',
  ),
  priority: JobPriority.default(0),
  requires: WorkerRequirements.optional().describe('of the worker that derives them'),
});
export type CreateAddendum = z.infer<typeof CreateAddendum>;

/** Ratios that were added to a version after it was published. Immutable, as the version itself. */
export const ModelAddendum = Audit.extend({
  model: Name,
  version: z.number().int().min(1),
  digest: Sha256.describe('of the file'),
  bytes: z.number().int(),
  url: z.string(),
  ratios: z.array(RatioResult).min(1).describe('ascending'),
  testImages: z.number().int().describe('that the accuracies were measured on'),
  jobId: Id.optional().describe('that derived them'),
});
export type ModelAddendum = z.infer<typeof ModelAddendum>;

/** Where the file is downloaded. */
export const addendumUrl = (model: string, version: number, digest: string): string =>
  `/v1/models/${model}/versions/${version}/addenda/${digest}`;

/** All of a version, oldest first. */
export const ModelAddenda = z.object({ items: z.array(ModelAddendum) });
export type ModelAddenda = z.infer<typeof ModelAddenda>;
