import type {
  Actor,
  Job,
  JobState,
  ListSweeps,
  Page,
  StoredSweepEvent,
  SweepEvent,
  SweepState,
} from '#contracts';
import type { UntouchedJobs } from '../job-repository.port.js';
import type { Transition } from '../lifecycle/transitions.js';
import type { SweepChange } from './sweep-changes.js';
import type { SweepRecord, SweptJob } from './sweep-record.js';

export interface SweepWithJobs {
  readonly sweep: SweepRecord;
  /** In their order. */
  readonly jobs: readonly SweptJob[];
}

export interface SweepWithCounts {
  readonly sweep: SweepRecord;
  readonly counts: Readonly<Partial<Record<JobState, number>>>;
}

export interface NewSweep {
  readonly sweep: SweepRecord;
  /** The first transition of each of its jobs; their messages are sent with the sweep's. */
  readonly jobs: readonly Transition[];
  readonly events: readonly SweepEvent[];
}

/**
 * The sweeps of all teams, with their events and outbox. Whatever is written of a job of a sweep changes the sweep too, by
 * `jobMoved`, in the same transaction.
 */
export interface SweepRepository {
  /** Writes the sweep, its jobs and the message that sends them out in one transaction. Rejects where there is a sweep with its id. */
  create(first: NewSweep): Promise<void>;

  /**
   * Locks the sweep's row, and writes what `decide` makes of it and its jobs (in their order) in that transaction. Nothing
   * where it returns the sweep that it was given.
   * @throws AppError not_found
   */
  update(sweepId: string, decide: (sweep: SweepRecord, jobs: readonly Job[]) => SweepChange): Promise<void>;

  /** Without regard to the team. */
  load(sweepId: string): Promise<SweepWithJobs | undefined>;

  find(actor: Actor, sweepId: string): Promise<SweepWithJobs | undefined>;

  stateOf(actor: Actor, sweepId: string): Promise<SweepState | undefined>;

  /** Newest first. */
  list(actor: Actor, query: ListSweeps): Promise<Page<SweepWithCounts>>;

  /** All of a sweep's jobs, whole, in their order. */
  jobs(sweepId: string): Promise<Job[]>;

  /** Events with a larger sequence number, ascending; none for a sweep of another team. */
  eventsAfter(actor: Actor, sweepId: string, sequence: number, limit: number): Promise<StoredSweepEvent[]>;

  /** Sweeps of all teams that have not ended, by ascending id. */
  unfinished(query: UntouchedJobs): Promise<SweepRecord[]>;
}

/** Tells, without a promise to be complete, that something was written. */
export interface SweepWakeups {
  /** Calls `listener` after new events of the sweep were committed. Returns what ends the subscription. */
  onSweepEvents(sweepId: string, listener: () => void): () => void;
}
