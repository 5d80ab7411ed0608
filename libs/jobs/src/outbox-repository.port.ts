import type { TracedMessage } from './job-queue.port.js';

export interface OutboxRow<Message = TracedMessage> {
  readonly id: string;
  readonly message: Message;
}

/** Messages that were stored with a change and are still to be put into the queue. */
export interface OutboxRepository<Message = TracedMessage> {
  /** Unsent rows, oldest first. Several dispatchers may read the same ones: enqueueing is idempotent. */
  pending(limit: number): Promise<OutboxRow<Message>[]>;

  /** Unknown and already sent ids are no error. */
  markSent(ids: readonly string[]): Promise<void>;
}
