import type { Job } from '#contracts';
import { jobMoved, type SweepChange, type SweptJob, type Transition as JobTransition } from '#jobs';
import type { Transaction } from '../database/database.js';
import { notify } from '../database/notify.js';
import { plain } from '../database/rows.js';
import { changingSweepColumns, sweepEventRows, toSweep } from './sweep.rows.js';

/** What is to be known of a job to tell where its sweep stands. */
export const STANDING = {
  ...{ id: true, state: true, stage: true, attempt: true, held: true, version: true, error: true },
} as const;

/**
 * Tells the sweep of a job that the job has changed, in the transaction that changes it. The sweep's lock is taken behind the
 * job's, and nothing takes them in the other order.
 */
export async function noteInSweep(
  tx: Transaction,
  { job, events }: JobTransition,
  traceparent: string | undefined,
): Promise<void> {
  const { sweepId } = job;
  if (sweepId === undefined || !events.some(({ type }) => type === 'state')) return;
  await changeSweep(tx, sweepId, traceparent, async (sweep) => {
    // Read under the lock: of two jobs that end at once, the one that gets it later sees that both have ended.
    const jobs = await tx.job.findMany({ where: { sweepId }, select: STANDING });
    return jobMoved(sweep, jobs.map(toStanding), { job, events });
  });
}

/** Locks a sweep and writes what `decide` makes of it. @returns whether there is such a sweep */
export async function changeSweep(
  tx: Transaction,
  sweepId: string,
  traceparent: string | undefined,
  decide: (sweep: ReturnType<typeof toSweep>) => Promise<SweepChange>,
): Promise<boolean> {
  // Not FOR UPDATE, which would wait for everyone who writes a row that refers to the sweep.
  await tx.$queryRaw`SELECT id FROM "Sweep" WHERE id = ${sweepId}::uuid FOR NO KEY UPDATE`;
  const row = await tx.sweep.findUnique({ where: { id: sweepId } });
  if (row === null) return false;
  const before = toSweep(row);
  const { sweep, events, lookAgain } = await decide(before);
  if (sweep === before) return true;
  const lastSequence = row.lastSequence + events.length;
  await tx.sweep.update({ where: { id: sweepId }, data: { ...changingSweepColumns(sweep), lastSequence } });
  await tx.sweepEvent.createMany({ data: sweepEventRows(sweep, events, row.lastSequence) });
  if (lookAgain) await addSweepMessage(tx, sweep, { sweepSequence: lastSequence, traceparent });
  await notify(tx, 'sweepEvents', sweepId);
  return true;
}

/** Puts a message about a sweep into the outbox. */
export async function addSweepMessage(
  tx: Transaction,
  { id: sweepId, teamId, owner }: Pick<Job, 'id' | 'teamId' | 'owner'>,
  message: { sweepSequence?: number; traceparent: string | undefined },
): Promise<void> {
  await tx.outboxMessage.create({ data: { ...message, sweepId, teamId, owner } });
  await notify(tx, 'outbox', sweepId);
}

export function toStanding(row: Readonly<Record<keyof typeof STANDING, unknown>>): SweptJob {
  return plain(row) as unknown as SweptJob;
}
