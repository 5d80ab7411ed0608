import { z } from 'zod';
import {
  Candidate,
  ComparisonRequest,
  DatasetFormat,
  ERROR_CODES,
  Executor,
  ImageInput,
  JobLog,
  JobProgress,
  MetricsBatch,
  NetworkSpec,
  Ratio,
  Sha256,
  TrainingOptions,
  type ErrorCode,
} from '#contracts';

/** What training leaves behind besides the bundle's file. */
export const TrainingResult = Candidate.omit({ bundle: true });
export type TrainingResult = z.infer<typeof TrainingResult>;

/** What a training process is asked to do; the first and only message that it gets. */
export const TrainingOrder = z.strictObject({
  jobId: z.string(),
  network: NetworkSpec,
  ratios: z.array(Ratio),
  untrainedRatios: z.array(Ratio).optional(),
  warmStart: z.string().optional().describe('a bundle that training begins with'),
  comparison: ComparisonRequest.optional(),
  adjustment: z
    .strictObject({
      bundle: z.string().describe('what was trained before'),
      result: TrainingResult,
      ratios: z.array(Ratio).describe('ascending, none that the bundle has'),
      dropped: z.array(Ratio).describe('derived before, and of no use to anybody'),
    })
    .optional()
    .describe('in place of training: derives ratios of what was trained'),
  derivation: z
    .strictObject({
      bundle: z.string().describe('that was published'),
      addenda: z.array(z.string()).describe('that were published of it'),
      ratios: z.array(Ratio).min(1).describe('ascending'),
    })
    .optional()
    .describe('in place of training: derives ratios of a published version'),
  training: TrainingOptions,
  engine: z.strictObject({
    executor: Executor,
    provider: z.string(),
    threads: z.number().int().min(1),
  }),
  dataset: z.strictObject({
    digest: Sha256,
    input: ImageInput,
    classes: z.number().int(),
    format: DatasetFormat,
    files: z.record(z.string(), z.string()).describe('paths by the names that the format gives the files'),
  }),
  bundleFile: z.string().describe('where the bundle, or the addendum, is to be written'),
  checkpointFolder: z.string().describe('of the job, not of the attempt: the next one resumes from it'),
});
export type TrainingOrder = z.infer<typeof TrainingOrder>;

/** What a training process may be told after its order. */
export const TrainingCommand = z.strictObject({
  type: z.literal('stop').describe('keep a checkpoint after the step that is being done, and end'),
});
export type TrainingCommand = z.infer<typeof TrainingCommand>;

const Code = z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]);

/** What a training process says. It ends after `done`, `stopped` or `failed`. */
export const TrainingMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('progress'), progress: JobProgress }),
  z.strictObject({ type: z.literal('resumed'), progress: JobProgress }),
  z.strictObject({ type: z.literal('log'), log: JobLog }),
  z.strictObject({ type: z.literal('metrics'), batch: MetricsBatch }),
  z.strictObject({
    type: z.literal('checkpoint'),
    files: z.array(z.string()).describe("all that there is to go on from, below the order's folder"),
    progress: JobProgress,
  }),
  z.strictObject({ type: z.literal('stopped') }),
  z.strictObject({ type: z.literal('done'), result: TrainingResult }),
  z.strictObject({ type: z.literal('failed'), code: Code, message: z.string() }),
]);
export type TrainingMessage = z.infer<typeof TrainingMessage>;
