import { isDeepStrictEqual } from 'node:util';
import {
  HeldJob,
  type Actor,
  type ListWorkers,
  type Page,
  type WorkerDescription,
  type WorkerRecord,
  type WorkerState,
} from '#contracts';
import type { WorkerRepository } from '#jobs';
import { inTransaction, type Database, type Transaction } from '../database/database.js';
import { notify } from '../database/notify.js';
import { pageArguments, pageOfRows } from '../database/paging.js';
import { isId, json } from '../database/rows.js';
import { alive, aliveSince, databaseNow, descriptionColumns, toWorker } from './worker.rows.js';

/** Workers in PostgreSQL. */
export class PostgresWorkerRepository implements WorkerRepository {
  constructor(private readonly database: Database) {}

  heartbeat(worker: WorkerDescription, jobIds: readonly string[]): Promise<WorkerRecord> {
    return inTransaction(this.database, async (tx) => {
      const now = await databaseNow(tx);
      const before = await locked(tx, worker.id, now);
      const data = { ...descriptionColumns(worker), jobIds: [...jobIds], heartbeatAt: now };
      const { id } = worker;
      const row = await tx.worker.upsert({ where: { id }, create: { id, ...data }, update: data });
      const after = toWorker(row, now);
      if (!isDeepStrictEqual(capacityOf(before), capacityOf(after))) await notify(tx, 'workers', id);
      return after;
    });
  }

  async update(
    workerId: string,
    decide: (worker: WorkerRecord) => WorkerRecord,
  ): Promise<WorkerRecord | undefined> {
    if (!isId(workerId)) return undefined;
    return inTransaction(this.database, async (tx) => {
      const now = await databaseNow(tx);
      const before = await locked(tx, workerId, now);
      if (before === undefined) return undefined;
      const { phase, drainMode = null, jobIds, ...rest } = decide(before);
      const data = { phase, drainMode, jobIds };
      if (isDeepStrictEqual({ ...rest, ...data, drainMode: drainMode ?? undefined }, before)) return before;
      const row = await tx.worker.update({ where: { id: workerId }, data });
      await notify(tx, 'workers', workerId);
      return toWorker(row, now);
    });
  }

  async stop(workerId: string): Promise<void> {
    await inTransaction(this.database, async (tx) => {
      const data = { stoppedAt: await databaseNow(tx), jobIds: [] };
      await tx.worker.updateMany({ where: { id: workerId, stoppedAt: null }, data });
      await notify(tx, 'workers', workerId);
    });
  }

  async find(actor: Actor, workerId: string): Promise<WorkerRecord | undefined> {
    if (!isId(workerId)) return undefined;
    const where = { id: workerId, ...servingTeam(actor) };
    const row = await this.database.worker.findFirst({ where });
    return row === null ? undefined : toWorker(row, await databaseNow(this.database));
  }

  async list(actor: Actor, query: ListWorkers): Promise<Page<WorkerRecord>> {
    const now = await databaseNow(this.database);
    const { where, ...page } = pageArguments(query);
    const labels = (query.label ?? []).map(({ key, value }) => ({ labels: { path: [key], equals: value } }));
    const filters = [where ?? {}, servingTeam(actor), inState(query.state, now), ...labels];
    const rows = await this.database.worker.findMany({ where: { AND: filters }, ...page });
    return pageOfRows(rows, query, (row) => toWorker(row, now));
  }

  async all(): Promise<WorkerRecord[]> {
    const now = await databaseNow(this.database);
    const rows = await this.database.worker.findMany({ orderBy: { createdAt: 'asc' } });
    return rows.map((row) => toWorker(row, now));
  }

  async heldJobs({ teamId }: Actor, jobIds: readonly string[]): Promise<HeldJob[]> {
    const rows = await this.database.job.findMany({
      where: { teamId, id: { in: [...jobIds] } },
      select: { id: true, model: true, state: true, stage: true },
      orderBy: { id: 'asc' },
    });
    return rows.map((row) => HeldJob.parse(row));
  }

  async forget(olderThanMs: number): Promise<number> {
    const now = await databaseNow(this.database);
    const before = new Date(now.getTime() - olderThanMs);
    const { count } = await this.database.worker.deleteMany({ where: { heartbeatAt: { lt: before } } });
    return count;
  }
}

async function locked(tx: Transaction, workerId: string, now: Date): Promise<WorkerRecord | undefined> {
  await tx.$queryRaw`SELECT id FROM "Worker" WHERE id = ${workerId}::uuid FOR UPDATE`;
  const row = await tx.worker.findUnique({ where: { id: workerId } });
  return row === null ? undefined : toWorker(row, now);
}

/** What decides over what a worker can take, and how much of it. */
function capacityOf(worker: WorkerRecord | undefined): unknown {
  if (worker === undefined) return undefined;
  const { isAlive, phase, jobIds, labels, queues, engines, concurrency } = worker;
  return { isAlive, phase, jobIds: [...jobIds].sort(), labels: json(labels), queues, engines, concurrency };
}

const servingTeam = ({ teamId }: Actor) => ({ OR: [{ teamId: null }, { teamId }] });

function inState(state: WorkerState | undefined, now: Date) {
  switch (state) {
    case undefined:
      return {};
    case 'stopped':
      return { stoppedAt: { not: null } };
    case 'lost':
      return { stoppedAt: null, heartbeatAt: { lte: aliveSince(now) } };
    default:
      return { ...alive(now), phase: state };
  }
}
