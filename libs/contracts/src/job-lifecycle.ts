import { z } from 'zod';
import { Id, Labels, Timestamp, Waiting } from './common.js';
import { Executor } from './training.js';

export const JobState = z
  .enum(['queued', 'running', 'pausing', 'paused', 'cancelling', 'cancelled', 'failed', 'succeeded'])
  .describe(
    'pausing and cancelling: whoever is at work on the job has been asked to stop and has not said yet that it did',
  );
export type JobState = z.infer<typeof JobState>;

/** Nothing but a retry, or `continue`, changes a job in one of these. */
export const FINAL_JOB_STATES: readonly JobState[] = ['succeeded', 'failed', 'cancelled'];

export const JobStage = z
  .enum(['measure', 'calibrate', 'train', 'verify', 'adjust', 'publish', 'derive'])
  .describe(
    'measure: the device measures proxies, calibrate: ratios are chosen by them (both only of a job that asks for it); ' +
      'adjust: ratios that verification asks for are derived, without training, and measured in turn; derive: the only stage of a job ' +
      'that derives ratios of a published version',
  );
export type JobStage = z.infer<typeof JobStage>;

/** Stages that a submitted job may end with; adjusting is a part of verifying. */
export const LastStage = JobStage.exclude(['adjust', 'derive']);
export type LastStage = z.infer<typeof LastStage>;

export const JobPriority = z
  .number()
  .int()
  .min(-100)
  .max(100)
  .describe('jobs of a higher one are begun first; 0 is usual');

/** Body of the verb `priority`. */
export const PrioritiseJob = z.strictObject({ priority: JobPriority });
export type PrioritiseJob = z.infer<typeof PrioritiseJob>;

/** Body of the verb `continue`. */
export const ContinueJob = z.strictObject({ until: LastStage.default('publish').describe('the last stage') });
export type ContinueJob = z.infer<typeof ContinueJob>;

/** What trainings run on. */
export const WorkerDevice = z.enum(['cpu', 'gpu']);
export type WorkerDevice = z.infer<typeof WorkerDevice>;

/** What a worker must have to take a job. */
export const WorkerRequirements = z.strictObject({
  device: WorkerDevice.optional().describe(
    'default: that of training.engine, or the best that the worker has',
  ),
  labels: Labels.optional().describe('labels that the worker has, with these values'),
  memoryBytes: z.number().int().min(1).optional().describe('memory of the machine'),
});
export type WorkerRequirements = z.infer<typeof WorkerRequirements>;

/** Where bits come from: attempts on anything else would end in other weights. */
export const ExecutionPin = z.object({
  executor: Executor,
  provider: z.string(),
  threads: z.number().int().min(1),
  cpuClass: z.string(),
});
export type ExecutionPin = z.infer<typeof ExecutionPin>;

/** A file of the newest checkpoint in artifact storage. */
export const CheckpointedFile = z.object({
  path: z.string().describe("below the job's folder of checkpoints"),
  key: z.string().describe('of the stored file'),
  bytes: z.number().int(),
});
export type CheckpointedFile = z.infer<typeof CheckpointedFile>;

export const JobCheckpoint = z.object({
  attempt: z.number().int().describe('that saved it'),
  savedAt: Timestamp,
  files: z.array(CheckpointedFile),
});
export type JobCheckpoint = z.infer<typeof JobCheckpoint>;

/** The parts of a job that say where it stands. */
export const JobLifecycle = z.object({
  state: JobState,
  stage: JobStage,
  until: LastStage.default('publish').describe('the last stage'),
  calibrationId: Id.optional().describe('the one of the request, or made by stage calibrate'),
  latencyTableId: Id.optional().describe('made by stage measure'),
  attempt: z.number().int().describe('begins of all stages so far; writes of older attempts are refused'),
  generation: z
    .number()
    .int()
    .default(0)
    .describe(
      'how often it was resumed, retried or continued; queue messages of earlier ones are passed over',
    ),
  attemptsBefore: z
    .number()
    .int()
    .default(0)
    .describe('attempts that got somewhere: those that fail in vain are counted from here'),
  priority: JobPriority.default(0),
  worker: z.object({ id: Id, name: z.string() }).optional().describe('that works on it, or was the last'),
  waiting: Waiting.optional().describe(
    'why nobody is at work on it: what the worker, or the device, that it needs lacks or waits for',
  ),
  held: z
    .literal(true)
    .optional()
    .describe('paused by its sweep, which resumes it when fewer of its jobs are at work'),
  pin: ExecutionPin.optional().describe('chosen by the first attempt and kept by all others'),
  checkpoint: JobCheckpoint.optional(),
  metricSteps: z
    .record(z.string(), z.number().int())
    .default({})
    .describe('the last step of every series of metrics that is stored'),
  lastRecord: z
    .number()
    .int()
    .optional()
    .describe('the newest of what the last attempt has told besides progress and metrics'),
});
