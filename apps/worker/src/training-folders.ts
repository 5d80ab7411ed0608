import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { FINAL_JOB_STATES, type Job } from '#contracts';
import type { BegunStage } from '#jobs';
import { unless } from './unless.js';

const WORK_NAME = /^([0-9a-f-]{36})\.(\d+)$/;
const CHECKPOINTS_NAME = /^([0-9a-f-]{36})$/;

/**
 * The folders that trainings have on this machine: one for the files of an attempt, which goes when the attempt ends, and
 * one for the checkpoints of a job, which the next attempt resumes from.
 */
export class TrainingFolders {
  private readonly work: string;
  private readonly checkpointsRoot: string;

  constructor(dataDir: string) {
    this.work = path.join(dataDir, 'work');
    this.checkpointsRoot = path.join(dataDir, 'checkpoints');
  }

  /** Makes an attempt's folder. What earlier attempts left goes: they died here, or have lost the job. */
  async begin({ job, attempt }: BegunStage): Promise<string> {
    const folder = path.join(this.work, `${job.id}.${attempt}`);
    await mkdir(folder, { recursive: true });
    for (const { name, jobId, attempt: other } of await this.attempts()) {
      if (jobId === job.id && other < attempt) await remove(path.join(this.work, name));
    }
    return folder;
  }

  async end({ job, attempt }: BegunStage): Promise<void> {
    await remove(path.join(this.work, `${job.id}.${attempt}`));
  }

  /** Where a job's checkpoints are; there may be no folder yet. */
  checkpointsOf(jobId: string): string {
    return path.join(this.checkpointsRoot, jobId);
  }

  /** The job's training is over. */
  async dropCheckpoints(jobId: string): Promise<void> {
    await remove(this.checkpointsOf(jobId));
  }

  /** Removes what processes that were killed left behind of trainings that are over. */
  async sweep(load: (jobId: string) => Promise<Job | undefined>): Promise<void> {
    for (const { name, jobId, attempt } of await this.attempts()) {
      const job = await load(jobId);
      const isHeld = worksInFolder(job) && job.attempt === attempt;
      if (!isHeld) await remove(path.join(this.work, name));
    }
    for (const name of await namesIn(this.checkpointsRoot)) {
      const jobId = CHECKPOINTS_NAME.exec(name)?.[1];
      if (jobId !== undefined && !needsCheckpoints(await load(jobId))) await this.dropCheckpoints(jobId);
    }
  }

  private async attempts(): Promise<{ name: string; jobId: string; attempt: number }[]> {
    return (await namesIn(this.work)).flatMap((name) => {
      const [, jobId, attempt] = WORK_NAME.exec(name) ?? [];
      return jobId === undefined ? [] : { name, jobId, attempt: Number(attempt) };
    });
  }
}

/** Whether a worker is at work on the job with files of its own. */
const worksInFolder = (job: Job | undefined): job is Job =>
  job !== undefined && job.state === 'running' && (job.stage === 'train' || job.stage === 'adjust');

/** Whether a worker trains the job, or will (again). */
const isTraining = (job: Job | undefined): boolean =>
  job !== undefined && job.stage === 'train' && !FINAL_JOB_STATES.includes(job.state);

/** How long the last checkpoint of a training that diverged stays for whoever wants to look into it. */
const DIVERGED_KEPT_MS = 7 * 24 * 60 * 60 * 1000;

function needsCheckpoints(job: Job | undefined): boolean {
  if (job === undefined) return false;
  if (isTraining(job)) return true;
  const { error, finishedAt, updatedAt } = job;
  const ageMs = Date.now() - Date.parse(finishedAt ?? updatedAt);
  return error?.code === 'training_diverged' && ageMs < DIVERGED_KEPT_MS;
}

const remove = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(unless('ENOENT', []));
}
