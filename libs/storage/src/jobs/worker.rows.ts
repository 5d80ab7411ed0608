import { WorkerRecord, type WorkerDescription } from '#contracts';
import { LOST_AFTER_MS } from '#jobs';
import type { Database, Transaction } from '../database/database.js';
import { json, plain } from '../database/rows.js';
import type { Prisma } from '../generated/client.js';

/** Workers are written by themselves, for all teams. */
const OWNER = 'worker';

/** The time by the clock of the database, which all processes share. */
export async function databaseNow(database: Database | Transaction): Promise<Date> {
  const [row] = await database.$queryRaw<[{ now: Date }]>`SELECT now()`;
  return row.now;
}

/** Since when a worker must have been heard of to be alive. */
export const aliveSince = (now: Date): Date => new Date(now.getTime() - LOST_AFTER_MS);

/** Those that are alive. */
export const alive = (now: Date) => ({ stoppedAt: null, heartbeatAt: { gt: aliveSince(now) } });

export function descriptionColumns({ id: _, ...worker }: WorkerDescription) {
  const { teamId = null, memoryBytes, labels, engines, ...columns } = worker;
  return {
    ...columns,
    ...{ owner: OWNER, teamId, memoryBytes: BigInt(memoryBytes) },
    ...{ labels: json(labels), engines: json(engines) },
  };
}

export function toWorker(row: Prisma.WorkerModel, now: Date): WorkerRecord {
  const isAlive = row.stoppedAt === null && row.heartbeatAt > aliveSince(now);
  return WorkerRecord.parse({ ...plain({ ...row }), isAlive });
}
