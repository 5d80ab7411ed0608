import type { JobLog, JobProgress } from '#contracts';
import type { BegunStage, JobService } from '#jobs';
import type { Logger } from '#runtime';
import { isSuperseded } from './job-error.js';
import type { TrainingListener } from './train-resumably.js';

interface FencedProgressParts {
  readonly jobs: JobService;
  /** Told what users are told, and of what could not be stored; training goes on then. */
  readonly log: Logger;
  /** Told that another attempt took the job over. */
  readonly onSuperseded: (error: unknown) => void;
}

/** Stores what a training tells, in that order, for as long as the attempt holds its job. */
export class FencedProgress implements TrainingListener {
  private written: Promise<void> = Promise.resolve();

  constructor(
    private readonly stage: BegunStage,
    private readonly parts: FencedProgressParts,
  ) {}

  readonly onProgress = (progress: JobProgress): void => {
    this.write((jobs, id, attempt) => jobs.progress(id, attempt, progress));
  };

  readonly onResumed = (progress: JobProgress): void => {
    const { phase, epoch, step } = progress;
    this.parts.log.info({ phase, epoch, step }, `resumed from epoch ${epoch} step ${step} (${phase})`);
    this.write((jobs, id, attempt) => jobs.resumed(id, attempt, progress));
  };

  readonly onLog = (log: JobLog): void => {
    this.parts.log[log.level](log.message);
    this.write((jobs, id, attempt) => jobs.log(id, attempt, log));
  };

  /** Resolves when all that was told is stored. */
  settled(): Promise<void> {
    return this.written;
  }

  private write(store: (jobs: JobService, jobId: string, attempt: number) => Promise<unknown>): void {
    const { job, attempt } = this.stage;
    const { jobs, log, onSuperseded } = this.parts;
    this.written = this.written.then(async () => {
      try {
        await store(jobs, job.id, attempt);
      } catch (error) {
        if (isSuperseded(error)) onSuperseded(error);
        else log.warn({ err: error }, 'progress could not be stored');
      }
    });
  }
}
