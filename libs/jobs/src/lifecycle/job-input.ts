import type {
  Candidate,
  ExecutionPin,
  JobCheckpoint,
  JobError,
  JobLog,
  JobProgress,
  JobStage,
  LastStage,
  MetricsBatch,
  ModelAddendum,
  VerifiedPoint,
} from '#contracts';
import type { JobPlace } from './job-place.js';

/** Who takes a stage. */
export interface WorkerIdentity {
  readonly id: string;
  readonly name: string;
}

/** Which record of an attempt it is: one that is stored already changes nothing. */
export interface AttemptRecord {
  readonly attempt: number;
  /** Rises from record to record, from 1. */
  readonly record: number;
}

/** What workers say. Inputs with an `attempt` are refused when another attempt took over. */
export type WorkerInput =
  | {
      readonly type: 'begun';
      readonly stage: JobStage;
      /** Of the message that asked for it. */
      readonly generation: number;
      readonly worker?: WorkerIdentity | undefined;
    }
  | { readonly type: 'pinned'; readonly attempt: number; readonly pin: ExecutionPin }
  | { readonly type: 'progressed'; readonly attempt: number; readonly progress: JobProgress }
  | ({ readonly type: 'resumed'; readonly progress: JobProgress } & AttemptRecord)
  | ({ readonly type: 'logged'; readonly log: JobLog } & AttemptRecord)
  | { readonly type: 'metrics-taken'; readonly attempt: number; readonly batch: MetricsBatch }
  | ({
      readonly type: 'checkpointed';
      readonly checkpoint: JobCheckpoint;
      readonly progress: JobProgress;
    } & AttemptRecord)
  /** It was asked to stop, by a user, and has. */
  | { readonly type: 'stopped'; readonly attempt: number }
  /** It goes, and leaves the job to another worker. */
  | { readonly type: 'released'; readonly attempt: number; readonly reason: string }
  | {
      readonly type: 'failed';
      readonly attempt: number;
      readonly error: JobError;
      readonly willRetry: boolean;
    }
  /** The worker of a job that is to stop has died. */
  | { readonly type: 'silent'; readonly stage: JobStage; readonly generation: number }
  /** No worker can take it now. */
  | { readonly type: 'refused'; readonly generation: number; readonly reason: string }
  /** Why nobody is at work on it though it is begun; without a reason, somebody is. */
  | { readonly type: 'stalled'; readonly place: JobPlace; readonly reason: string | undefined };

/** How stages end. */
export type StageResult =
  | {
      readonly type: 'measuring-requested';
      /** For which the task was asked. */
      readonly place: JobPlace;
      readonly measuringTaskId: string;
    }
  | { readonly type: 'profiled'; readonly measuringTaskId: string; readonly latencyTableId: string }
  | {
      readonly type: 'calibrated';
      readonly attempt: number;
      readonly calibrationId: string;
      readonly ratios: readonly number[];
    }
  | { readonly type: 'trained'; readonly attempt: number; readonly candidate: Candidate }
  | {
      readonly type: 'measured';
      readonly measuringTaskId: string;
      /** What all measurements of the candidate so far have shown. */
      readonly points: readonly VerifiedPoint[];
    }
  | { readonly type: 'adjusted'; readonly attempt: number; readonly candidate: Candidate }
  /** Why the device is left alone for now; without a reason, it measures. */
  | {
      readonly type: 'device-waits';
      readonly measuringTaskId: string;
      readonly reason: string | undefined;
    }
  | { readonly type: 'measuring-failed'; readonly measuringTaskId: string; readonly error: JobError }
  | { readonly type: 'published'; readonly attempt: number; readonly version: number }
  | { readonly type: 'derived'; readonly attempt: number; readonly addendum: ModelAddendum }
  /** What was to be done for it cannot be done. */
  | {
      readonly type: 'given-up';
      /** For which it was tried. */
      readonly place: JobPlace;
      readonly error: JobError;
    }
  /** The reconciler has seen it untouched, after attempts that may be too many. */
  | { readonly type: 'exhausted'; readonly maxAttempts: number; readonly untouchedSince: Date };

/** What users ask for. */
export type UserCommand =
  | { readonly type: 'cancel' }
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  | { readonly type: 'retry' }
  | { readonly type: 'continue'; readonly until: LastStage }
  | { readonly type: 'prioritise'; readonly priority: number };

/** What sweeps do to their jobs; one that is held goes on once it is released. */
export type SweepCommand = { readonly type: 'hold' } | { readonly type: 'release' };

/** Whatever may happen to a job. */
export type JobInput = WorkerInput | StageResult | UserCommand | SweepCommand;

export type InputOf<T extends JobInput['type']> = Extract<JobInput, { type: T }>;
