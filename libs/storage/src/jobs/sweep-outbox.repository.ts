import type { OutboxRepository, OutboxRow, SweepMessage } from '#jobs';
import type { Database } from '../database/database.js';
import { markSent } from './outbox.repository.js';

/** Messages about sweeps that are still to be put into the queue. */
export class PostgresSweepOutboxRepository implements OutboxRepository<SweepMessage> {
  constructor(private readonly database: Database) {}

  async pending(limit: number): Promise<OutboxRow<SweepMessage>[]> {
    const rows = await this.database.outboxMessage.findMany({
      where: { sentAt: null, sweepId: { not: null } },
      orderBy: { id: 'asc' },
      take: limit,
    });
    return rows.map(({ id, sweepId, sweepSequence, traceparent }) => ({
      id: String(id),
      message: {
        sweepId: sweepId!,
        ...(sweepSequence !== null && { sequence: sweepSequence }),
        ...(traceparent !== null && { traceparent }),
      },
    }));
  }

  markSent(ids: readonly string[]): Promise<void> {
    return markSent(this.database, ids);
  }
}
