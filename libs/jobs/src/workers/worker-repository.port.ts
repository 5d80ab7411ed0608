import type { Actor, HeldJob, ListWorkers, Page, WorkerDescription, WorkerRecord } from '#contracts';

/** Workers, as they say themselves that they are. Whether one is alive is told by the clock of the storage alone. */
export interface WorkerRepository {
  /**
   * Notes that a worker is there, what it is and what it holds; one that is not known becomes known, active. Listeners are told
   * where that changes what could be trained.
   */
  heartbeat(worker: WorkerDescription, jobIds: readonly string[]): Promise<WorkerRecord>;

  /**
   * Locks a worker and writes phase, drainMode and jobIds as `decide` says; tells its listeners of a change.
   * Undefined where it is not known.
   */
  update(workerId: string, decide: (worker: WorkerRecord) => WorkerRecord): Promise<WorkerRecord | undefined>;

  /** It has ended, and holds nothing. */
  stop(workerId: string): Promise<void>;

  /** One that serves the actor's team. */
  find(actor: Actor, workerId: string): Promise<WorkerRecord | undefined>;

  /** Those that serve the actor's team, newest first. */
  list(actor: Actor, query: ListWorkers): Promise<Page<WorkerRecord>>;

  /** Of all teams, those too that are lost or have stopped. */
  all(): Promise<WorkerRecord[]>;

  /** The jobs of the actor's team among these. */
  heldJobs(actor: Actor, jobIds: readonly string[]): Promise<HeldJob[]>;

  /** Forgets those that were lost, or have stopped, for so long; returns how many. */
  forget(olderThanMs: number): Promise<number>;
}

/** Tells, without a promise to be complete, that workers changed; whoever listens looks for itself now and then. */
export interface WorkerWakeups {
  /** Calls `listener` after something was asked of the worker. Returns what ends the subscription. */
  onWorker(workerId: string, listener: () => void): () => void;

  /** Calls `listener` after any worker, or a team's limit, changed. Returns what ends the subscription. */
  onWorkers(listener: () => void): () => void;
}
