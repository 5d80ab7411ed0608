import type { OutboxRepository, OutboxRow } from '#jobs';
import type { Database } from '../database/database.js';

/** Messages about jobs that are still to be put into the queue. Sent ones stay, with the time they were sent at. */
export class PostgresOutboxRepository implements OutboxRepository {
  constructor(private readonly database: Database) {}

  async pending(limit: number): Promise<OutboxRow[]> {
    const rows = await this.database.outboxMessage.findMany({
      where: { sentAt: null, sweepId: null },
      orderBy: { id: 'asc' },
      take: limit,
    });
    return rows.map(({ id, jobId, stage, generation, priority, needsGpu, traceparent }) => ({
      id: String(id),
      message: {
        ...{ jobId: jobId!, stage: stage!, generation, priority },
        ...(needsGpu && { needsGpu }),
        ...(traceparent !== null && { traceparent }),
      },
    }));
  }

  markSent(ids: readonly string[]): Promise<void> {
    return markSent(this.database, ids);
  }
}

/** Unknown and already sent ids are no error. */
export async function markSent(database: Database, ids: readonly string[]): Promise<void> {
  await database.$executeRaw`
    UPDATE "OutboxMessage" SET "sentAt" = now(), "updatedAt" = now()
    WHERE id = ANY (${ids.map(BigInt)}::bigint[]) AND "sentAt" IS NULL`;
}
