import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Job } from '#contracts';
import { isAtWork, isTrainingStage, type BegunStage } from '#jobs';
import { unless } from './unless.js';

const WORK_NAME = /^([0-9a-f-]{36})\.(\d+)$/;

/** The folders that trainings have on this machine: one for the files of an attempt, which goes when the attempt ends. */
export class TrainingFolders {
  private readonly work: string;

  constructor(dataDir: string) {
    this.work = path.join(dataDir, 'work');
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

  /** Removes what processes that were killed left behind of trainings that are over. */
  async sweep(load: (jobId: string) => Promise<Job | undefined>): Promise<void> {
    for (const { name, jobId, attempt } of await this.attempts()) {
      const job = await load(jobId);
      const isHeld = worksInFolder(job) && job.attempt === attempt;
      if (!isHeld) await remove(path.join(this.work, name));
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
  job !== undefined && isAtWork(job) && isTrainingStage(job.stage);

const remove = (folder: string): Promise<void> => rm(folder, { recursive: true, force: true });

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(unless('ENOENT', []));
}
