import { randomUUID } from 'node:crypto';
import type { Job } from '#contracts';
import { isFinal } from '#jobs';
import type { Transaction } from '../database/database.js';

/**
 * Keeps how long a job is in each of its stages: closes the run of the stage that it leaves with this change, if it leaves
 * one, and opens that of the stage that it enters. The job's row is locked, or new (`before` is undefined).
 */
export async function noteStages(tx: Transaction, before: Job | undefined, after: Job): Promise<void> {
  const ended = isFinal(after);
  const wasAtWork = before !== undefined && !isFinal(before);
  if (wasAtWork && !ended && before.stage === after.stage) return;
  if (wasAtWork) await closeRun(tx, after, ended);
  if (!ended) await openRun(tx, after);
}

async function closeRun(tx: Transaction, after: Job, endsJob: boolean): Promise<void> {
  const outcome = endsJob ? after.state : 'succeeded';
  const data = { endedAt: after.updatedAt, outcome, endsJob };
  await tx.jobStageRun.updateMany({ where: { jobId: after.id, endedAt: null }, data });
}

async function openRun(tx: Transaction, job: Job): Promise<void> {
  const { id: jobId, teamId, owner, stage, createdAt: submittedAt, updatedAt: startedAt } = job;
  await tx.jobStageRun.create({
    data: { id: randomUUID(), teamId, owner, jobId, stage, submittedAt, startedAt },
  });
}
