import type { TracedMessage } from './job-queue.port.js';
import type { JobWakeups } from './job-wakeups.port.js';
import type { OutboxRepository, OutboxRow } from './outbox-repository.port.js';
import { Repeater } from './repeater.js';

export interface OutboxDispatcherParts<Message = TracedMessage> {
  readonly outbox: OutboxRepository<Message>;
  readonly queue: { enqueueAll(messages: readonly Message[]): Promise<PromiseSettledResult<void>[]> };
  readonly wakeups: JobWakeups;
  readonly onError: (error: unknown) => void;
  /** Looks for messages at least this often, because wake-ups may get lost. */
  readonly pollMs?: number;
}

const ROWS_PER_READ = 500;

/**
 * Moves messages from the outbox to the queue. A message is marked only after it is in the queue, so a crash between
 * the two sends it again, which the queue ignores. Several dispatchers may run at once.
 */
export class OutboxDispatcher<Message = TracedMessage> {
  private readonly repeater: Repeater;
  private unsubscribe: () => void = () => {};

  constructor(private readonly parts: OutboxDispatcherParts<Message>) {
    const { pollMs: intervalMs = 1000, onError } = parts;
    this.repeater = new Repeater(() => this.dispatchPending(), { intervalMs, onError });
  }

  start(): void {
    this.unsubscribe = this.parts.wakeups.onOutbox(() => this.repeater.kick());
    this.repeater.start();
  }

  async stop(): Promise<void> {
    this.unsubscribe();
    await this.repeater.stop();
  }

  /**
   * Sends what is pending now. A message that cannot be sent stays and does not keep back those behind it.
   * @throws the queue's first error, after all messages were tried
   */
  async dispatchPending(): Promise<void> {
    for (;;) {
      const rows = await this.parts.outbox.pending(ROWS_PER_READ);
      await this.send(rows);
      if (rows.length < ROWS_PER_READ) return;
    }
  }

  private async send(rows: readonly OutboxRow<Message>[]): Promise<void> {
    const results = await this.parts.queue.enqueueAll(rows.map((row) => row.message));
    const sent = rows.filter((_row, index) => results[index]?.status === 'fulfilled');
    if (sent.length > 0) await this.parts.outbox.markSent(sent.map((row) => row.id));
    const failure = results.find((result) => result.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
  }
}
