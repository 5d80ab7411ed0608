import type { Job } from '#contracts';
import type { Transaction } from '../database/database.js';

/** Whose jobs are logged to MLflow. */
export interface LoggedJobs {
  /** The only team; default: all of them. */
  readonly teamId?: string | undefined;
}

/** The rows of new jobs, which are written with them. */
export function mlflowRunRows(job: Job, logged: LoggedJobs | undefined) {
  if (logged === undefined || job.teamId !== (logged.teamId ?? job.teamId)) return [];
  const { id: jobId, teamId, owner, updatedAt } = job;
  return [{ jobId, teamId, owner, createdAt: updatedAt, updatedAt, state: 'open', sequence: 0 }];
}

/** A job goes on after its end: so does its run. */
export async function reopenMlflowRun(tx: Transaction, jobId: string): Promise<void> {
  await tx.mlflowRun.updateMany({ where: { jobId, state: 'complete' }, data: { state: 'open' } });
}
