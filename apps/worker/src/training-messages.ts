import { z } from 'zod';
import {
  Candidate,
  ERROR_CODES,
  ImageInput,
  JobProgress,
  NetworkSpec,
  Ratio,
  Sha256,
  TrainingOptions,
  type ErrorCode,
} from '#contracts';

/** What a training process is asked to do; the first and only message that it gets. */
export const TrainingOrder = z.strictObject({
  jobId: z.string(),
  network: NetworkSpec,
  ratios: z.array(Ratio),
  training: TrainingOptions,
  threads: z.number().int().min(1),
  dataset: z.strictObject({
    digest: Sha256,
    input: ImageInput,
    classes: z.number().int(),
    files: z.strictObject({
      trainImages: z.string(),
      trainLabels: z.string(),
      testImages: z.string(),
      testLabels: z.string(),
    }),
  }),
  bundleFile: z.string().describe('where the bundle is to be written'),
});
export type TrainingOrder = z.infer<typeof TrainingOrder>;

/** What training leaves behind besides the bundle's file. */
export const TrainingResult = Candidate.omit({ bundle: true });
export type TrainingResult = z.infer<typeof TrainingResult>;

const Code = z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]);

/** What a training process says. It ends after `done` or `failed`. */
export const TrainingMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('progress'), progress: JobProgress }),
  z.strictObject({ type: z.literal('done'), result: TrainingResult }),
  z.strictObject({ type: z.literal('failed'), code: Code, message: z.string() }),
]);
export type TrainingMessage = z.infer<typeof TrainingMessage>;
