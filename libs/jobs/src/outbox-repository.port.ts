import type { TracedMessage } from './job-queue.port.js';

export interface OutboxRow {
  readonly id: string;
  readonly message: TracedMessage;
}

/** Messages that were stored with a job's change and are still to be put into the queue. */
export interface OutboxRepository {
  /** Unsent rows, oldest first. Several dispatchers may read the same ones: enqueueing is idempotent. */
  pending(limit: number): Promise<OutboxRow[]>;

  /** Unknown and already sent ids are no error. */
  markSent(ids: readonly string[]): Promise<void>;
}
