import type { Job, StoredJobEvent } from '#contracts';

/** A job's run that its claimer alone logs, until the lease expires. */
export interface ClaimedRun {
  readonly jobId: string;
  /** On the MLflow server. */
  readonly runId?: string | undefined;
  /** The newest event that is known to be logged. */
  readonly sequence: number;
  /** Whether more may have been logged than is known: whoever had it before was not heard of again. */
  readonly inDoubt: boolean;
  readonly leaseToken: string;
}

/** What is to be logged. */
export interface RunNews {
  /** Ascending, behind the newest that is logged. */
  readonly events: readonly StoredJobEvent[];
  /** Not older than the events. */
  readonly job: Job;
  /** Name of the job's team. */
  readonly team: string;
}

/** How far the jobs of all teams that are logged to MLflow have been, shared by the processes that do so. */
export interface RunRepository {
  /** Has jobs that have not ended logged from now on. Those submitted later are from their first moment on. */
  enrol(): Promise<void>;
  /** Runs of jobs that have news and that nobody holds, those that waited longest first. */
  claim(options: { readonly leaseMs: number; readonly limit: number }): Promise<ClaimedRun[]>;
  news(run: ClaimedRun, limit: number): Promise<RunNews>;
  /**
   * Notes what was logged, and extends the lease.
   * @returns false, with nothing written, when another has taken the run
   */
  save(
    run: ClaimedRun,
    logged: { readonly runId?: string; readonly sequence?: number },
    leaseMs: number,
  ): Promise<boolean>;
  /** What is noted as the job's run on the MLflow server, by whoever has it now. */
  noted(run: ClaimedRun): Promise<string | undefined>;
  /** Lets go of a run of which all that was logged is noted. */
  release(run: ClaimedRun): Promise<void>;
  /** Lets go of a run of which more may have been logged. */
  abandon(run: ClaimedRun): Promise<void>;
  /** The server refuses the run for good: nothing of the job is logged any more. */
  refuse(run: ClaimedRun, reason: string): Promise<void>;
  /** The server has lost the run: the job is logged from its beginning, to another. */
  restart(run: ClaimedRun): Promise<void>;
}
