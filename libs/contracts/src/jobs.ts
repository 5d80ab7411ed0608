import { z } from 'zod';
import { Audit, Fault, Id, Labels, Name, Ratio, Sha256, Timestamp, WidthsSchema } from './common.js';
import {
  JobLifecycle,
  JobPriority,
  JobStage,
  JobState,
  LastStage,
  WorkerRequirements,
} from './job-lifecycle.js';
import { isGpuProvider } from './gpu-providers.js';
import { ProfileRequest } from './profile-request.js';
import { MetricsBatch } from './job-metrics.js';
import { NetworkSpec } from './networks.js';
import { Comparison, ComparisonRequest, Method } from './comparison.js';
import { TrainingOptions } from './training.js';
import { VersionReference } from './version-reference.js';

/** Ratios that one job trains at most. */
export const MAX_RATIOS = 16;

/** Ratios that are trained jointly: ascending, without duplicates, starting with the dense network. */
export const RatioSchedule = z
  .array(Ratio)
  .min(1)
  .max(MAX_RATIOS)
  .refine((ratios) => ratios[0] === 0, { message: 'expected 0 (the dense network) as the first ratio' })
  .refine((ratios) => ratios.every((r, i) => i === 0 || r > ratios[i - 1]!), {
    message: 'expected ascending ratios without duplicates',
  });

/** What is expected of the untrained ratios of a schedule, for behind "expected"; undefined where they are that. */
export function untrainedRatiosExpectation(
  trained: readonly number[],
  untrained: readonly number[],
): string | undefined {
  const [least, most] = [trained[0]!, trained.at(-1)!];
  const fits = (ratio: number, i: number) =>
    ratio > (untrained[i - 1] ?? least) && ratio < most && !trained.includes(ratio);
  if (untrained.every(fits)) return undefined;
  return `ascending ratios without duplicates between ${least} and ${most}, none of the trained ones`;
}

/** The fields of a submission, each by itself. */
export const JobFields = z.strictObject({
  model: Name.describe('name of the model that the result becomes a version of'),
  network: NetworkSpec,
  datasetId: Id,
  ratios: RatioSchedule.optional(),
  calibrationId: Id.optional().describe('takes the ratios from a calibration and deploys to its device'),
  profile: ProfileRequest.optional().describe(
    'has a device measured and calibrated first, for the ratios; deploys to it',
  ),
  untrainedRatios: z
    .array(Ratio)
    .max(MAX_RATIOS)
    .optional()
    .describe(
      'derived after training, without training: ascending, between the smallest and the largest trained ratio',
    ),
  warmStart: VersionReference.optional().describe(
    'begins with the weights of a version whose network, images and classes are the same, in place of random ones',
  ),
  comparison: ComparisonRequest.optional().describe('asks for a report of several methods side by side'),
  training: TrainingOptions.prefault({}),
  until: LastStage.default('publish').describe(
    'the last stage: `train` leaves a candidate, which `continue` takes further',
  ),
  priority: JobPriority.default(0),
  labels: Labels.default({}),
  requires: WorkerRequirements.optional().describe('of the worker that trains it'),
});

export const CreateJob = JobFields.refine(
  (job) => [job.ratios, job.calibrationId, job.profile].filter((one) => one !== undefined).length === 1,
  {
    message: 'expected exactly one of ratios, calibrationId and profile',
    path: ['ratios'],
  },
)
  .refine(({ until, profile }) => profile !== undefined || (until !== 'measure' && until !== 'calibrate'), {
    message: 'expected train, verify or publish for a job without profile, which does not measure first',
    path: ['until'],
  })
  .superRefine(({ ratios, untrainedRatios, comparison, warmStart, training, requires }, context) => {
    const refuse = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    const expected = ratios && untrainedRatios && untrainedRatiosExpectation(ratios, untrainedRatios);
    if (expected) refuse(['untrainedRatios'], `expected ${expected}`);
    if (comparison?.methods.includes(training.method)) {
      refuse(['comparison', 'methods'], `expected other methods than the job's own, ${training.method}`);
    }
    if (comparison && warmStart) {
      refuse(['comparison'], 'expected none beside warmStart, which not all methods could begin with');
    }
    const provider = training.engine?.provider;
    const device = provider && (isGpuProvider(provider) ? 'gpu' : 'cpu');
    if (device && requires?.device && requires.device !== device) {
      refuse(['requires', 'device'], `expected ${device}, which provider ${provider} runs on`);
    }
  });
export type CreateJob = z.infer<typeof CreateJob>;

export const TrainingPhase = z.enum(['warm-up', 'mask', 'joint', 'recalibrate', 'evaluate']);
export type TrainingPhase = z.infer<typeof TrainingPhase>;

export const JobProgress = z.object({
  stage: JobStage,
  method: Method.optional().describe('another method than the job’s own, for the comparison'),
  phase: TrainingPhase.optional(),
  epoch: z.number().int().optional(),
  epochs: z.number().int().optional(),
  step: z.number().int(),
  steps: z.number().int(),
  fraction: z.number().min(0).max(1).describe('of the stage'),
  etaSeconds: z.number().optional(),
  imagesPerSecond: z.number().optional(),
  loss: z.number().optional().describe('mean over the ratios trained in the step'),
});
export type JobProgress = z.infer<typeof JobProgress>;

export const JobError = z.object({
  code: z.string(),
  fault: Fault,
  message: z.string(),
  advice: z.string().optional().describe('what to do about it'),
});
export type JobError = z.infer<typeof JobError>;

/** What a worker tells the user of a job in words. */
export const JobLog = z.object({ level: z.enum(['info', 'warn']), message: z.string() });
export type JobLog = z.infer<typeof JobLog>;

/** One ratio. Accuracy is top-1 on `testImages` images, 0..1. */
export const RatioResult = z.object({
  ratio: Ratio,
  accuracy: z.number(),
  threshold: z.number(),
  widths: WidthsSchema,
  macs: z.number().int(),
  parameters: z.number().int(),
  derived: z.boolean().default(false).describe('not trained: solved and recalibrated after training'),
});
export type RatioResult = z.infer<typeof RatioResult>;

/** What training leaves behind, before it is published. */
export const Candidate = z.object({
  bundle: z.object({ digest: Sha256, bytes: z.number().int() }),
  ratios: z.array(RatioResult),
  trainImages: z.number().int(),
  testImages: z.number().int(),
  executor: z.object({
    name: z.string(),
    provider: z.string(),
    version: z.string(),
    threads: z.number().int(),
    cpuModel: z.string(),
    cpuClass: z
      .string()
      .default('unknown')
      .describe('vendor, architecture and vector instructions: what decides over the bits'),
  }),
  seed: z
    .number()
    .int()
    .optional()
    .describe(
      'release and digest of the code, as 0.1.0+a1b2c3d4e5f6; absent in results of the first version',
    ),
  isochronVersion: z.string().optional().describe('absent in results of the first version'),
  trainingMacs: z
    .number()
    .optional()
    .describe('multiply-accumulates of all training steps; absent in results of the first version'),
  comparison: Comparison.optional().describe('where the job asked for one'),
  trainingSeconds: z.number().describe('without the time between two attempts'),
});
export type Candidate = z.infer<typeof Candidate>;

/** What measuring a candidate has shown of one operating point. */
export const VerifiedPoint = z.object({
  operatingPoint: z.string(),
  best: z
    .object({ ratio: Ratio, measuredMs: z.number() })
    .optional()
    .describe(
      'of the ratios measured there, the nearest to the target; under `deadline`, the smallest that holds it',
    ),
  held: z
    .boolean()
    .describe(
      'whether that one is within the tolerance of the target; under `deadline`, below it with its interval',
    ),
  nextRatio: Ratio.optional().describe('to be measured there next'),
});
export type VerifiedPoint = z.infer<typeof VerifiedPoint>;

/** What has come of verifying a candidate on its device so far. */
export const JobVerification = z.object({
  rounds: z.number().int().min(1).describe('measuring tasks that are done'),
  measuringTaskIds: z.array(Id).describe('those tasks, in order'),
  points: z.array(VerifiedPoint),
});
export type JobVerification = z.infer<typeof JobVerification>;

/** A job that derives ratios of a version, and trains nothing. */
export const JobDerivation = VersionReference.extend({
  ratios: z.array(Ratio).min(1),
  addendum: Sha256.optional().describe('digest of the file that they were published as'),
});
export type JobDerivation = z.infer<typeof JobDerivation>;

export const Job = Audit.extend({
  ...JobLifecycle.shape,
  model: Name,
  spec: CreateJob,
  ratios: z.array(Ratio),
  deviceId: Id.optional(),
  derivation: JobDerivation.optional(),
  sweepId: Id.optional().describe('of the sweep that it is a part of'),
  requestId: z
    .string()
    .optional()
    .describe(
      'of the request that submitted it: log lines of the API, and of workers about the job, have it',
    ),
  progress: JobProgress.optional(),
  candidate: Candidate.optional(),
  measuringTaskId: Id.optional().describe('of the verification that is under way, or was the last'),
  verification: JobVerification.optional(),
  version: z.number().int().optional(),
  error: JobError.optional(),
  startedAt: Timestamp.optional(),
  finishedAt: Timestamp.optional(),
});
export type Job = z.infer<typeof Job>;

/** What the event stream of a job carries; `id` of the SSE message is `sequence`, gapless from 1. */
export const JobEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('state'),
    state: JobState,
    stage: JobStage,
    attempt: z.number().int(),
    error: JobError.optional(),
    version: z.number().int().optional(),
  }),
  z.object({ type: z.literal('progress'), progress: JobProgress }),
  z.object({
    type: z.literal('resumed'),
    attempt: z.number().int(),
    progress: JobProgress.describe(
      'the checkpoint that training goes on from: what came later is done again',
    ),
  }),
  JobLog.extend({ type: z.literal('log'), attempt: z.number().int() }),
  MetricsBatch.extend({ type: z.literal('metrics'), attempt: z.number().int() }),
  z.object({
    type: z.literal('checkpoint'),
    attempt: z.number().int(),
    progress: JobProgress.describe('what is kept: another attempt goes on from here'),
  }),
  z.object({ type: z.literal('waiting'), reason: z.string() }),
  z.object({ type: z.literal('priority'), priority: JobPriority }),
  z.object({
    type: z.literal('accuracy'),
    ratio: Ratio,
    accuracy: z.number(),
  }),
]);
export type JobEvent = z.infer<typeof JobEvent>;
export interface StoredJobEvent {
  sequence: number;
  at: string;
  event: JobEvent;
}
