import { z } from 'zod';
import { Id, Labels, PageQuery, Timestamp } from './common.js';
import { LabelFilter } from './label-filter.js';
import { JobStage, JobState, WorkerDevice } from './job-lifecycle.js';
import { Executor } from './training.js';

/** Queues of trainings that a worker may take messages of, beside `light`. */
export const WorkerQueue = z.enum(['train.gpu', 'train.cpu', 'light']);
export type WorkerQueue = z.infer<typeof WorkerQueue>;

/** Something that a worker can train with. */
export const WorkerEngine = z.object({
  executor: Executor,
  provider: z.string(),
  byNameOnly: z.boolean().describe('the CPU stands in for a graphics card: for jobs that name it alone'),
});
export type WorkerEngine = z.infer<typeof WorkerEngine>;

export const DrainMode = z
  .enum(['finish', 'checkpoint'])
  .describe('finish: trainings run to their end; checkpoint: they keep a checkpoint, for another worker');
export type DrainMode = z.infer<typeof DrainMode>;

/** What is asked of a worker, and whether it has done so. */
export const WorkerPhase = z.enum(['active', 'draining', 'drained']);
export type WorkerPhase = z.infer<typeof WorkerPhase>;

export const WorkerState = z
  .enum([...WorkerPhase.options, 'stopped', 'lost'])
  .describe('lost: nothing was heard of it for 20 s; stopped: it has said that it ends');
export type WorkerState = z.infer<typeof WorkerState>;

/** What a worker says of itself. */
export const WorkerDescription = z.object({
  id: Id.describe('of the process: another one after every start'),
  name: z.string(),
  host: z.string(),
  teamId: Id.optional().describe('the only team whose jobs it trains; absent where it serves all'),
  labels: Labels,
  queues: z.array(WorkerQueue),
  engines: z.array(WorkerEngine),
  device: WorkerDevice.describe('gpu: it has a graphics card that an engine runs on'),
  memoryBytes: z.number().int().describe('that its machine, or its container, may use'),
  cores: z.number().int(),
  cpuClass: z.string(),
  concurrency: z.number().int().describe('trainings at once'),
  version: z.string().describe('of Isochron: release and digest of the code, as 0.1.0+a1b2c3d4e5f6'),
  startedAt: Timestamp,
});
export type WorkerDescription = z.infer<typeof WorkerDescription>;

/** A worker as it is stored. */
export const WorkerRecord = WorkerDescription.extend({
  phase: WorkerPhase,
  drainMode: DrainMode.optional(),
  heartbeatAt: Timestamp,
  stoppedAt: Timestamp.optional(),
  isAlive: z.boolean().describe('whether it was heard of of late'),
  jobIds: z.array(Id).describe('trainings that it holds, of all teams'),
});
export type WorkerRecord = z.infer<typeof WorkerRecord>;

/** A worker as users see it. */
export const Worker = WorkerRecord.omit({ phase: true, jobIds: true, isAlive: true }).extend({
  state: WorkerState,
  running: z.number().int().describe('trainings that it holds, of all teams'),
});
export type Worker = z.infer<typeof Worker>;

/** A training that a worker holds. */
export const HeldJob = z.object({ id: Id, model: z.string(), state: JobState, stage: JobStage });
export type HeldJob = z.infer<typeof HeldJob>;

export const WorkerWithJobs = Worker.extend({
  jobs: z.array(HeldJob).describe("those of the caller's team"),
});
export type WorkerWithJobs = z.infer<typeof WorkerWithJobs>;

/** Query of GET /v1/workers. */
export const ListWorkers = PageQuery.extend({
  state: WorkerState.optional(),
  label: LabelFilter.optional(),
});
export type ListWorkers = z.infer<typeof ListWorkers>;

/** Body of the verb `drain`. */
export const DrainWorker = z.strictObject({ mode: DrainMode.default('finish') });
export type DrainWorker = z.infer<typeof DrainWorker>;

/** What a team may use of the cluster. */
export const TeamLimits = z.strictObject({
  maxRunningJobs: z
    .number()
    .int()
    .min(0)
    .max(1_000_000)
    .nullable()
    .describe('trainings at once; 0 begins none, null any number'),
});
export type TeamLimits = z.infer<typeof TeamLimits>;
