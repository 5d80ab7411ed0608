import { randomUUID } from 'node:crypto';
import type { Job } from '#contracts';
import { isFinal } from '#jobs';
import type { Transaction } from '../database/database.js';

/** Keeps how long a job was in the stage that it leaves with this change, if it leaves one. The job's row is locked. */
export async function noteStageEnd(tx: Transaction, before: Job, after: Job): Promise<void> {
  const ended = isFinal(after) && !isFinal(before);
  if (before.stage === after.stage && !ended) return;
  const { id: jobId, teamId, owner } = after;
  const last = await tx.jobStageRun.findFirst({ where: { jobId }, orderBy: { endedAt: 'desc' } });
  await tx.jobStageRun.create({
    data: {
      ...{ id: randomUUID(), teamId, owner, jobId },
      stage: before.stage,
      outcome: ended ? after.state : 'succeeded',
      startedAt: last?.endedAt ?? after.createdAt,
      endedAt: after.updatedAt,
    },
  });
}
