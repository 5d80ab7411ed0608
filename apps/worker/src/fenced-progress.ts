import type { JobProgress } from '#contracts';
import type { BegunStage, JobService } from '#jobs';
import { isSuperseded } from './job-error.js';

interface FencedProgressParts {
  readonly jobs: JobService;
  /** Told that another attempt took the job over. */
  readonly onSuperseded: (error: unknown) => void;
  /** Told of progress that could not be stored; training goes on. */
  readonly onError: (error: unknown) => void;
}

/** Stores progress in the order in which it was reported, for as long as the attempt holds its job. */
export class FencedProgress {
  private written: Promise<void> = Promise.resolve();

  constructor(
    private readonly stage: BegunStage,
    private readonly parts: FencedProgressParts,
  ) {}

  report(progress: JobProgress): void {
    this.written = this.written.then(() => this.write(progress));
  }

  /** Resolves when all that was reported is stored. */
  settled(): Promise<void> {
    return this.written;
  }

  private async write(progress: JobProgress): Promise<void> {
    const { job, attempt } = this.stage;
    try {
      await this.parts.jobs.progress(job.id, attempt, progress);
    } catch (error) {
      if (isSuperseded(error)) this.parts.onSuperseded(error);
      else this.parts.onError(error);
    }
  }
}
