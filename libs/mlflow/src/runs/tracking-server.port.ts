/** MLflow's words for where a run stands. */
export type RunStatus = 'SCHEDULED' | 'RUNNING' | 'FINISHED' | 'FAILED' | 'KILLED';

export interface LoggedMetric {
  readonly key: string;
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly step: number;
}

export interface NewRun {
  readonly experimentId: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly startTime: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** At most so many of a kind go into one batch (mlflow/utils/validation.py). */
export const BATCH_LIMITS = { params: 100, metrics: 1000, tags: 100, all: 1000 } as const;

export interface Batch {
  readonly params?: Readonly<Record<string, string>>;
  readonly metrics?: readonly LoggedMetric[];
  readonly tags?: Readonly<Record<string, string>>;
}

/** What runs are logged to. All of it throws TrackingError. */
export interface TrackingServer {
  /** Makes an experiment where there is none of the name. */
  experimentId(name: string): Promise<string>;
  /** Active runs of the experiment that have the tag; a hundred at most. */
  findRuns(experimentId: string, tag: { readonly key: string; readonly value: string }): Promise<string[]>;
  createRun(run: NewRun): Promise<string>;
  tagOf(runId: string, key: string): Promise<string | undefined>;
  /** Within BATCH_LIMITS. Tags are stored after everything else. */
  logBatch(runId: string, batch: Batch): Promise<void>;
  /** @param endTime milliseconds since 1970; a run without one has not ended */
  updateRun(runId: string, status: RunStatus, endTime?: number): Promise<void>;
}
