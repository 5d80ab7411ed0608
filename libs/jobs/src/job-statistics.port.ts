import type { JobStage, JobState } from '#contracts';

/** How many jobs of all teams are in a state and a stage now. */
export interface JobCount {
  readonly state: JobState;
  readonly stage: JobStage;
  readonly count: number;
}

/** Durations of one kind, counted by size. */
export interface DurationCounts<Kind> {
  readonly kind: Kind;
  /** How many are at most as long as the bound at the same index, and longer than the one before; those beyond all bounds last. */
  readonly counts: readonly number[];
  readonly sumSeconds: number;
}

export interface StageEnd {
  readonly stage: JobStage;
  /** `succeeded` where the job went on to another stage, else what the job ended as. */
  readonly outcome: JobState;
}

export interface OutboxCounts {
  /** Messages that the queue has not got yet. */
  readonly pending: number;
  /** When the oldest of them was stored. */
  readonly oldestAt: Date | undefined;
}

/** What all jobs of all teams have come to, told from what is stored: the same in every process, and after every restart. */
export interface JobStatistics {
  jobCounts(): Promise<JobCount[]>;

  /** From submission to end, by final state; a job that was tried again ends as often as it did. `boundsSeconds` ascend. */
  jobDurations(boundsSeconds: readonly number[]): Promise<DurationCounts<JobState>[]>;

  /** From when jobs entered a stage to when they left it, waiting included. `boundsSeconds` ascend. */
  stageDurations(boundsSeconds: readonly number[]): Promise<DurationCounts<StageEnd>[]>;

  outbox(): Promise<OutboxCounts>;
}
