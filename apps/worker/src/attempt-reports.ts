import { setTimeout } from 'node:timers/promises';
import {
  AppError,
  type Job,
  type JobCheckpoint,
  type JobLog,
  type JobProgress,
  type MetricsBatch,
} from '#contracts';
import type { AttemptRecord, BegunStage, WorkerReports } from '#jobs';
import type { Logger } from '#runtime';
import { isSuperseded } from './job-error.js';
import type { TrainingListener } from './train-resumably.js';

export interface AttemptReportsParts {
  readonly reports: WorkerReports;
  /** Puts files of a checkpoint into artifact storage; undefined where some are gone, because newer ones came. */
  readonly upload: (files: readonly string[]) => Promise<JobCheckpoint | undefined>;
  /** Told after a checkpoint is stored and noted on the job. */
  readonly onCheckpointed: (checkpoint: JobCheckpoint) => Promise<void>;
  /** Told what users are told, and of what could not be stored. */
  readonly log: Logger;
  /** Told of the job as it is after each write. */
  readonly onJob: (job: Job) => void;
  /** Told that another attempt took the job over. */
  readonly onSuperseded: (error: unknown) => void;
  /** Ends the tries to store what could not be stored. */
  readonly signal: AbortSignal;
}

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 10_000;

/**
 * Records are tried until they are stored. Progress is tried once, for newer progress will come; a checkpoint until a newer one
 * waits, which takes its place in the queue where it has not begun.
 */
type WriteKind = 'record' | 'progress' | 'checkpoint';

interface Write {
  readonly kind: WriteKind;
  readonly run: () => Promise<Job | undefined>;
}

/**
 * Stores what a training tells, one thing after the other in that order, for as long as the attempt holds its job: so that the
 * metrics up to a checkpoint are stored before it is. Training does not wait for it.
 */
export class AttemptReports implements TrainingListener {
  private readonly writes: Write[] = [];
  private running: Promise<void> = Promise.resolve();
  private isRunning = false;
  private lastRecord = 0;

  constructor(
    private readonly stage: BegunStage,
    private readonly parts: AttemptReportsParts,
  ) {}

  readonly onProgress = (progress: JobProgress): void => {
    // The first one is being stored already.
    if (this.writes.length > 1 && this.writes.at(-1)?.kind === 'progress') this.writes.pop();
    this.write('progress', (reports, id, attempt) => reports.progress(id, attempt, progress));
  };

  readonly onResumed = (progress: JobProgress): void => {
    const { phase, epoch, step } = progress;
    this.parts.log.info({ phase, epoch, step }, `resumed from epoch ${epoch} step ${step} (${phase})`);
    const record = this.nextRecord();
    this.write('record', (reports, id) => reports.resumed(id, record, progress));
  };

  readonly onLog = (log: JobLog): void => {
    this.parts.log[log.level](log.message);
    const record = this.nextRecord();
    this.write('record', (reports, id) => reports.log(id, record, log));
  };

  readonly onMetrics = (batch: MetricsBatch): void => {
    this.write('record', (reports, id, attempt) => reports.metrics(id, attempt, batch));
  };

  readonly onCheckpoint = (files: string[], progress: JobProgress): void => {
    // Where storing takes longer than training from one to the next, its files would be gone when its turn comes.
    const older = this.writes.findIndex(({ kind }, index) => index > 0 && kind === 'checkpoint');
    if (older > 0) this.writes.splice(older, 1);
    const record = this.nextRecord();
    this.write('checkpoint', (reports, id) =>
      this.keep(files, (checkpoint) => reports.checkpointed(id, record, { checkpoint, progress })),
    );
  };

  /** Resolves when all that was told is stored, or cannot be any more. */
  async settled(): Promise<void> {
    while (this.isRunning) await this.running;
  }

  /** Named before it is tried, so that it is stored once, however often it is tried. */
  private nextRecord(): AttemptRecord {
    return { attempt: this.stage.attempt, record: ++this.lastRecord };
  }

  private async keep(
    files: readonly string[],
    note: (checkpoint: JobCheckpoint) => Promise<Job>,
  ): Promise<Job | undefined> {
    const checkpoint = await this.parts.upload(files);
    if (checkpoint === undefined) return undefined;
    const job = await note(checkpoint);
    const { onCheckpointed, log } = this.parts;
    await onCheckpointed(checkpoint).catch((error: unknown) =>
      log.warn({ err: error }, 'checkpoints of before could not be removed'),
    );
    return job;
  }

  private write(
    kind: WriteKind,
    store: (reports: WorkerReports, jobId: string, attempt: number) => Promise<Job | undefined>,
  ): void {
    const { job, attempt } = this.stage;
    this.writes.push({ kind, run: () => store(this.parts.reports, job.id, attempt) });
    if (!this.isRunning) this.running = this.work();
  }

  private async work(): Promise<void> {
    this.isRunning = true;
    for (let next = this.writes[0]; next !== undefined; next = this.writes[0]) {
      await this.carryOut(next);
      const at = this.writes.indexOf(next);
      if (at >= 0) this.writes.splice(at, 1);
    }
    this.isRunning = false;
  }

  private async carryOut(write: Write): Promise<void> {
    const { log, onJob, onSuperseded, signal } = this.parts;
    for (let waitMs = FIRST_RETRY_MS; !signal.aborted; waitMs = Math.min(2 * waitMs, LONGEST_RETRY_MS)) {
      try {
        const job = await write.run();
        return job && onJob(job);
      } catch (error) {
        if (isSuperseded(error)) return onSuperseded(error);
        log.warn({ err: error }, 'what a training told could not be stored');
        if (isInVain(error) || this.isOutdated(write)) return;
        await setTimeout(waitMs, undefined, { signal }).catch(() => {});
      }
    }
  }

  /** Whether what could not be stored is of no use any more. */
  private isOutdated({ kind }: Write): boolean {
    if (kind === 'record') return false;
    return kind === 'progress' || this.writes.slice(1).some((later) => later.kind === 'checkpoint');
  }
}

/** Trying again would end the same way, and keep back what comes behind. */
const isInVain = (error: unknown): boolean => error instanceof AppError && !error.retry;
