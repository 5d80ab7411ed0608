import type { OutboxRepository, OutboxRow } from '#jobs';
import type { Database } from '../database/database.js';

/** Messages that are still to be put into the queue. Sent ones stay, with the time they were sent at. */
export class PostgresOutboxRepository implements OutboxRepository {
  constructor(private readonly database: Database) {}

  async pending(limit: number): Promise<OutboxRow[]> {
    const rows = await this.database.outboxMessage.findMany({
      where: { sentAt: null },
      orderBy: { id: 'asc' },
      take: limit,
    });
    return rows.map(({ id, jobId, stage, generation, priority, needsGpu, traceparent }) => ({
      id: String(id),
      message: {
        ...{ jobId, stage, generation, priority },
        ...(needsGpu && { needsGpu }),
        ...(traceparent !== null && { traceparent }),
      },
    }));
  }

  async markSent(ids: readonly string[]): Promise<void> {
    await this.database.$executeRaw`
      UPDATE "OutboxMessage" SET "sentAt" = now(), "updatedAt" = now()
      WHERE id = ANY (${ids.map(BigInt)}::bigint[]) AND "sentAt" IS NULL`;
  }
}
