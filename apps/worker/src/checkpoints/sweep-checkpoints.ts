import { FINAL_JOB_STATES, type Job } from '#contracts';
import type { Storage } from '#storage';
import { dropCheckpoints } from './checkpoint-mirror.js';

const KEY = /^checkpoints\/([0-9a-f-]{36})\//;

/** How long a job that failed or was cancelled can be retried from its last checkpoint. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;

/** Removes stored checkpoints that no attempt will go on from. Several workers may do so at once. */
export async function sweepCheckpoints(
  files: Storage['objectFiles'],
  load: (jobId: string) => Promise<Job | undefined>,
  now: Date,
): Promise<void> {
  const stored = await files.list('checkpoints/');
  const jobIds = new Set(stored.flatMap(({ key }) => KEY.exec(key)?.[1] ?? []));
  for (const jobId of jobIds) {
    if (!needsCheckpoints(await load(jobId), now)) await dropCheckpoints(files, jobId);
  }
}

function needsCheckpoints(job: Job | undefined, now: Date): boolean {
  if (job === undefined || job.candidate !== undefined) return false;
  if (!FINAL_JOB_STATES.includes(job.state)) return true;
  return now.getTime() - Date.parse(job.finishedAt ?? job.updatedAt) < KEPT_MS;
}
