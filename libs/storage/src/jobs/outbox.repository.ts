import type { OutboxRepository, OutboxRow, SweepMessage, TracedMessage } from '#jobs';
import type { Database } from '../database/database.js';
import type { Prisma } from '../generated/client.js';

/** Which rows of the outbox are meant, and how they read. */
interface Kind<Message> {
  readonly where: Prisma.OutboxMessageWhereInput;
  readonly toMessage: (row: Prisma.OutboxMessageModel) => Message;
}

/** Messages of one kind that are still to be put into the queue. Sent ones stay, with the time they were sent at. */
class PostgresOutbox<Message> implements OutboxRepository<Message> {
  constructor(
    private readonly database: Database,
    private readonly kind: Kind<Message>,
  ) {}

  async pending(limit: number): Promise<OutboxRow<Message>[]> {
    const { where, toMessage } = this.kind;
    const rows = await this.database.outboxMessage.findMany({
      where: { ...where, sentAt: null },
      orderBy: { id: 'asc' },
      take: limit,
    });
    return rows.map((row) => ({ id: String(row.id), message: toMessage(row) }));
  }

  async markSent(ids: readonly string[]): Promise<void> {
    await this.database.$executeRaw`
      UPDATE "OutboxMessage" SET "sentAt" = now(), "updatedAt" = now()
      WHERE id = ANY (${ids.map(BigInt)}::bigint[]) AND "sentAt" IS NULL`;
  }
}

/** Messages about jobs. */
export const jobOutbox = (database: Database): OutboxRepository =>
  new PostgresOutbox<TracedMessage>(database, {
    where: { sweepId: null },
    toMessage: ({ jobId, stage, generation, priority, needsGpu, traceparent }) => ({
      ...{ jobId: jobId!, stage: stage!, generation, priority },
      ...(needsGpu && { needsGpu }),
      ...(traceparent !== null && { traceparent }),
    }),
  });

/** Messages about sweeps. */
export const sweepOutbox = (database: Database): OutboxRepository<SweepMessage> =>
  new PostgresOutbox<SweepMessage>(database, {
    where: { sweepId: { not: null } },
    toMessage: ({ sweepId, sweepSequence, traceparent }) => ({
      sweepId: sweepId!,
      ...(sweepSequence !== null && { sequence: sweepSequence }),
      ...(traceparent !== null && { traceparent }),
    }),
  });
