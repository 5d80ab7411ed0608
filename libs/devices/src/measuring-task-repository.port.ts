import type {
  Actor,
  LatencySummary,
  LeasedTask,
  ListMeasuringTasks,
  MeasuringTask,
  Page,
  SampleProvenance,
} from '#contracts';
import type { NewLatencyTable } from './latency-table-repository.port.js';

export interface OpenOfJobs {
  readonly createdBefore: Date;
  readonly limit: number;
  /** Only tasks whose id sorts behind this one. */
  readonly afterId?: string | undefined;
}

export interface NewLease {
  readonly deviceId: string;
  readonly agent: { readonly name: string; readonly version: string };
  /** Secret of this lease: fences the writes of whoever held the task before. */
  readonly token: string;
  readonly now: Date;
  readonly expiresAt: Date;
}

/** The task that is written to and the lease that allows it. */
export interface LeaseHold {
  readonly taskId: string;
  readonly token: string;
  readonly now: Date;
}

export interface LeaseTerm {
  readonly expiresAt: Date;
  /** Why nothing is measured for now. */
  readonly waiting?: string | undefined;
}

export interface ExtendedLease {
  readonly task: MeasuringTask;
  /** Its reason to wait before. */
  readonly before: string | undefined;
}

export interface MeasuredCell {
  readonly index: number;
  readonly samplesMs: readonly number[];
  readonly summary: LatencySummary;
  readonly provenance: SampleProvenance;
}

export interface TaskError {
  readonly code: string;
  readonly message: string;
}

/**
 * Measuring tasks and the cells uploaded so far. All writes under a lease lock the task's row; they throw AppError
 * not_found for an unknown task (or one of another team) and AppError lease_lost when the token is not the task's
 * current one or the task is no longer leased. A lease that ran out still holds until another agent takes the task.
 */
export interface MeasuringTaskRepository {
  /**
   * At most one task has the same `key`: when there is one, it is returned and nothing is written. Listeners of
   * MeasuringWakeups are told after the commit.
   */
  create(task: MeasuringTask, key?: string): Promise<MeasuringTask>;

  find(actor: Actor, taskId: string): Promise<MeasuringTask | undefined>;

  /** Newest first. */
  list(actor: Actor, query: ListMeasuringTasks): Promise<Page<MeasuringTask>>;

  /** Tasks of jobs of all teams that wait or are measured, by ascending id. */
  openOfJobs(query: OpenOfJobs): Promise<{ readonly id: string; readonly jobId: string }[]>;

  /**
   * Takes the device's oldest task that is queued or whose lease ran out (`leaseExpiresAt <= now`), sets state
   * `leased`, token, agent and `leaseExpiresAt`. Nothing while another task of the device is held by a lease that has
   * not run out: two measurements at once would disturb each other. Concurrent callers get different answers.
   */
  leaseNext(actor: Actor, lease: NewLease): Promise<LeasedTask | undefined>;

  /** `waiting.since` stays while the reason does; without a reason `waiting` goes. */
  extend(actor: Actor, hold: LeaseHold, extension: LeaseTerm): Promise<ExtendedLease>;

  /** Replaces an earlier upload of the same index; `cellsDone` counts different indices. */
  saveCell(actor: Actor, hold: LeaseHold, cell: MeasuredCell): Promise<void>;

  /**
   * Gives the task and its uploaded cells (by ascending index) to `build`, stores the table that it returns as the
   * device's next version and marks the task `completed` with `latencyTableId`, all in one transaction; nothing is
   * written when `build` throws. A task that this very token completed before is returned as it is.
   */
  complete(
    actor: Actor,
    hold: LeaseHold,
    build: (task: MeasuringTask, cells: readonly MeasuredCell[]) => NewLatencyTable,
  ): Promise<MeasuringTask>;

  /** Marks the task `failed`. A task that this very token failed before is returned as it is. */
  fail(actor: Actor, hold: LeaseHold, error: TaskError): Promise<MeasuringTask>;

  /**
   * Marks the task `cancelled`, whoever holds it; one that has ended is returned as it is. Its cells go.
   * @throws AppError not_found
   */
  cancel(actor: Actor, taskId: string, now: Date): Promise<MeasuringTask>;
}
