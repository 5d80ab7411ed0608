import type {
  Calibration,
  Candidate,
  ExecutionPin,
  Job,
  JobCheckpoint,
  JobError,
  JobLog,
  JobProgress,
  JobStage,
  MetricsBatch,
  ModelAddendum,
  ModelVersion,
  VersionDraft,
} from '#contracts';
import type { JobProducts } from './job-products.port.js';
import type { JobRepository } from './job-repository.port.js';
import type { AttemptRecord, JobInput, WorkerIdentity } from './lifecycle/job-input.js';
import { placeOf } from './lifecycle/job-place.js';
import { transition } from './lifecycle/transition.js';

/** A stage that a worker holds. It sends `attempt` with everything it writes. */
export interface BegunStage {
  readonly attempt: number;
  readonly job: Job;
}

/** A message's stage, and who took the message. */
export interface BeginStage {
  readonly jobId: string;
  readonly stage: JobStage;
  readonly generation: number;
  readonly worker?: WorkerIdentity | undefined;
}

export interface WorkerReportsParts {
  readonly jobs: JobRepository;
  readonly products: JobProducts;
  readonly now: () => Date;
}

/** What workers say of the jobs that they hold. All of it throws AppError attempt_superseded once another attempt took over: stop working. */
export class WorkerReports {
  constructor(private readonly parts: WorkerReportsParts) {}

  /**
   * Takes a stage for a worker: whoever held it before is fenced off. Undefined when there is nothing to do, because the stage is
   * over, or the job was paused or cancelled (queues deliver at least once).
   */
  async begin({ jobId, ...begin }: BeginStage): Promise<BegunStage | undefined> {
    const before = { attempt: 0 };
    const { job } = await this.parts.jobs.update(jobId, (current) => {
      before.attempt = current.attempt;
      return transition(current, { type: 'begun', ...begin }, this.parts.now());
    });
    return job.attempt === before.attempt ? undefined : { attempt: job.attempt, job };
  }

  /** No worker can take the message now. */
  refused(jobId: string, generation: number, reason: string): Promise<Job> {
    return this.apply(jobId, { type: 'refused', generation, reason });
  }

  /** Whether anybody is at work on a job that was begun, as it was seen, and why not. */
  stalled(job: Job, reason: string | undefined): Promise<Job> {
    return this.apply(job.id, { type: 'stalled', place: placeOf(job), reason });
  }

  /** What this attempt and all others run on; the job's own pin is given back where it has one. */
  pinned(jobId: string, attempt: number, pin: ExecutionPin): Promise<Job> {
    return this.apply(jobId, { type: 'pinned', attempt, pin });
  }

  progress(jobId: string, attempt: number, progress: JobProgress): Promise<Job> {
    return this.apply(jobId, { type: 'progressed', attempt, progress });
  }

  /** The attempt goes on from a checkpoint. */
  resumed(jobId: string, { attempt, record }: AttemptRecord, progress: JobProgress): Promise<Job> {
    return this.apply(jobId, { type: 'resumed', attempt, record, progress });
  }

  /** Tells the user something in words. */
  log(jobId: string, { attempt, record }: AttemptRecord, log: JobLog): Promise<Job> {
    return this.apply(jobId, { type: 'logged', attempt, record, log });
  }

  /** Stores what is new of consecutive steps. @throws AppError internal when steps before them are missing */
  metrics(jobId: string, attempt: number, batch: MetricsBatch): Promise<Job> {
    return this.apply(jobId, { type: 'metrics-taken', attempt, batch });
  }

  /** A checkpoint is in artifact storage, whole. */
  checkpointed(
    jobId: string,
    { attempt, record }: AttemptRecord,
    { checkpoint, progress }: { checkpoint: JobCheckpoint; progress: JobProgress },
  ): Promise<Job> {
    return this.apply(jobId, { type: 'checkpointed', attempt, record, checkpoint, progress });
  }

  /** The attempt was asked to stop, and has. */
  stopped(jobId: string, attempt: number): Promise<Job> {
    return this.apply(jobId, { type: 'stopped', attempt });
  }

  /** The worker goes; the queue delivers the message to another one. */
  released(jobId: string, attempt: number, reason: string): Promise<Job> {
    return this.apply(jobId, { type: 'released', attempt, reason });
  }

  /** Stores the calibration and the ratios that the job is to train. */
  async calibrated(jobId: string, attempt: number, calibration: Calibration): Promise<Job> {
    const { products, now } = this.parts;
    const { id: calibrationId, ratios } = calibration;
    const input: JobInput = { type: 'calibrated', attempt, calibrationId, ratios };
    const { job } = await products.calibrate(jobId, calibration, (held) => transition(held, input, now()));
    return job;
  }

  /** Stores what training left behind; the message for the next stage is stored too. */
  trained(jobId: string, attempt: number, candidate: Candidate): Promise<Job> {
    return this.apply(jobId, { type: 'trained', attempt, candidate });
  }

  /** Stores the candidate with the ratios that verification asked for. */
  adjusted(jobId: string, attempt: number, candidate: Candidate): Promise<Job> {
    return this.apply(jobId, { type: 'adjusted', attempt, candidate });
  }

  /** Stores the version, and the job's end with it. A job gets one version however often this is called. */
  published(jobId: string, attempt: number, draft: VersionDraft): Promise<ModelVersion> {
    const { products, now } = this.parts;
    return products.publish(jobId, draft, (job, version) =>
      transition(job, { type: 'published', attempt, version }, now()),
    );
  }

  /** Adds derived ratios to their version, and stores the job's end with them. A job gets one addendum however often this is called. */
  derived(jobId: string, attempt: number, addendum: ModelAddendum): Promise<ModelAddendum> {
    const { products, now } = this.parts;
    return products.derive(jobId, addendum, (job, stored) =>
      transition(job, { type: 'derived', attempt, addendum: stored }, now()),
    );
  }

  /** With `willRetry` the job waits for the queue to deliver its message again. */
  failed(jobId: string, attempt: number, error: JobError, willRetry: boolean): Promise<Job> {
    return this.apply(jobId, { type: 'failed', attempt, error, willRetry });
  }

  private async apply(jobId: string, input: JobInput): Promise<Job> {
    const now = this.parts.now();
    const applied = await this.parts.jobs.update(jobId, (job) => transition(job, input, now));
    return applied.job;
  }
}
