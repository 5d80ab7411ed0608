/** Tells, without a promise to be complete, that something was written; whoever listens looks for itself now and then. */
export interface JobWakeups {
  /** Calls `listener` after new events of the job were committed. Returns what ends the subscription. */
  onJobEvents(jobId: string, listener: () => void): () => void;

  /** Calls `listener` after a message was put into the outbox. Returns what ends the subscription. */
  onOutbox(listener: () => void): () => void;
}
