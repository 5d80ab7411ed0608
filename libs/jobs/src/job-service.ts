import {
  newAudit,
  notFound,
  unknownReference,
  type Actor,
  type Candidate,
  type CreateJob,
  type Dataset,
  type Job,
  type JobError,
  type JobLog,
  type JobProgress,
  type JobStage,
  type Page,
  type StoredJobEvent,
  type VerifiedPoint,
} from '#contracts';
import {
  checkDatasetFits,
  checkComparable,
  checkRatiosFit,
  checkUntrainedRatios,
  checkWarmStart,
} from './check-submission.js';
import type { JobLookups } from './job-lookups.port.js';
import type { JobRepository, ListJobs } from './job-repository.port.js';
import { submission, transition, type JobInput } from './transition.js';
import type { Verification } from './verification.port.js';

export interface JobServiceParts {
  readonly jobs: JobRepository;
  readonly lookups: JobLookups;
  readonly verification: Verification;
  readonly now: () => Date;
  readonly newId: () => string;
}

/** A stage that a worker holds. It sends `attempt` with everything it writes. */
export interface BegunStage {
  readonly attempt: number;
  readonly job: Job;
}

/** Everything that users, workers and the reconciler do to jobs. */
export class JobService {
  constructor(private readonly parts: JobServiceParts) {}

  /**
   * Stores a job with its first event and the message that has it trained.
   * @throws AppError invalid_request (naming datasetId, calibrationId, untrainedRatios or warmStart) or dataset_does_not_fit
   */
  async submit(actor: Actor, request: CreateJob): Promise<Job> {
    const { lookups, jobs, now, newId } = this.parts;
    const dataset = await lookups.dataset(actor, request.datasetId);
    if (dataset === undefined) throw unknownReference('datasetId', request.datasetId, 'dataset');
    checkDatasetFits(request, dataset);
    await this.checkWarmStart(actor, request, dataset);
    const job: Job = {
      ...newAudit(actor, newId(), now()),
      state: 'queued',
      stage: 'train',
      attempt: 0,
      model: request.model,
      spec: request,
      ...(await this.schedule(actor, request)),
    };
    await jobs.create(submission(job));
    return job;
  }

  /** @throws AppError not_found */
  async get(actor: Actor, jobId: string): Promise<Job> {
    const job = await this.parts.jobs.find(actor, jobId);
    if (job === undefined) throw notFound('job', jobId);
    return job;
  }

  list(actor: Actor, query: ListJobs): Promise<Page<Job>> {
    return this.parts.jobs.list(actor, query);
  }

  events(actor: Actor, jobId: string, afterSequence: number, limit = 500): Promise<StoredJobEvent[]> {
    return this.parts.jobs.eventsAfter(actor, jobId, afterSequence, limit);
  }

  /**
   * Takes a stage for a worker: whoever held it before is fenced off. Undefined when there is nothing to do, because
   * the stage is over (queues deliver at least once).
   */
  async begin(jobId: string, stage: JobStage): Promise<BegunStage | undefined> {
    const before = { attempt: 0 };
    const { job } = await this.parts.jobs.update(jobId, (current) => {
      before.attempt = current.attempt;
      return transition(current, { type: 'begun', stage }, this.parts.now());
    });
    return job.attempt === before.attempt ? undefined : { attempt: job.attempt, job };
  }

  /** @throws AppError attempt_superseded: stop working */
  progress(jobId: string, attempt: number, progress: JobProgress): Promise<Job> {
    return this.apply(jobId, { type: 'progressed', attempt, progress });
  }

  /** The attempt goes on from a checkpoint. @throws AppError attempt_superseded */
  resumed(jobId: string, attempt: number, progress: JobProgress): Promise<Job> {
    return this.apply(jobId, { type: 'resumed', attempt, progress });
  }

  /** Tells the user something in words. @throws AppError attempt_superseded */
  log(jobId: string, attempt: number, log: JobLog): Promise<Job> {
    return this.apply(jobId, { type: 'logged', attempt, log });
  }

  /**
   * Stores what training left behind; stage verify or publish is next, and the message for it is stored too.
   * @throws AppError attempt_superseded
   */
  trained(jobId: string, attempt: number, candidate: Candidate): Promise<Job> {
    return this.apply(jobId, { type: 'trained', attempt, candidate });
  }

  /** Does the work of stage verify: has the candidate measured. Repeating it creates no second measuring task. */
  async requestVerification(jobId: string): Promise<void> {
    const job = await this.parts.jobs.load(jobId);
    if (job === undefined) throw notFound('job', jobId);
    if (job.stage !== 'verify' || job.state !== 'running' || job.measuringTaskId !== undefined) return;
    const measuringTaskId = await this.parts.verification.request(job);
    await this.apply(jobId, { type: 'measuring-requested', measuringTaskId });
  }

  /** The candidate was measured: the job goes on to be published, or to be adjusted. */
  measured(jobId: string, measuringTaskId: string, points: readonly VerifiedPoint[]): Promise<Job> {
    return this.apply(jobId, { type: 'measured', measuringTaskId, points });
  }

  /** Stores the candidate with the ratios that verification asked for. @throws AppError attempt_superseded */
  adjusted(jobId: string, attempt: number, candidate: Candidate): Promise<Job> {
    return this.apply(jobId, { type: 'adjusted', attempt, candidate });
  }

  verificationFailed(jobId: string, measuringTaskId: string, error: JobError): Promise<Job> {
    return this.apply(jobId, { type: 'verification-failed', measuringTaskId, error });
  }

  /** @throws AppError attempt_superseded */
  published(jobId: string, attempt: number, version: number): Promise<Job> {
    return this.apply(jobId, { type: 'published', attempt, version });
  }

  /** With `willRetry` the job waits for the queue to deliver its message again. @throws AppError attempt_superseded */
  failed(jobId: string, attempt: number, error: JobError, willRetry: boolean): Promise<Job> {
    return this.apply(jobId, { type: 'failed', attempt, error, willRetry });
  }

  /** Ends a job that no attempt will end. */
  giveUp(jobId: string, error: JobError): Promise<Job> {
    return this.apply(jobId, { type: 'given-up', error });
  }

  private async checkWarmStart(actor: Actor, request: CreateJob, dataset: Dataset): Promise<void> {
    const { warmStart } = request;
    if (warmStart === undefined) return;
    const found = await this.parts.lookups.modelVersion(actor, warmStart);
    const value = `${warmStart.model} version ${warmStart.version}`;
    if (found === undefined) throw unknownReference('warmStart', value, 'model version');
    checkWarmStart(request, dataset, found);
  }

  private async schedule(actor: Actor, request: CreateJob): Promise<{ ratios: number[]; deviceId?: string }> {
    if (request.calibrationId === undefined) return { ratios: request.ratios ?? [0] };
    const calibration = await this.parts.lookups.calibration(actor, request.calibrationId);
    if (calibration === undefined)
      throw unknownReference('calibrationId', request.calibrationId, 'calibration');
    const table = await this.parts.lookups.latencyTable(actor, calibration.latencyTableId);
    if (table === undefined) throw notFound('latency table', calibration.latencyTableId);
    checkComparable(calibration, table);
    checkRatiosFit(calibration);
    checkUntrainedRatios(request, calibration);
    return { ratios: calibration.ratios, deviceId: calibration.deviceId };
  }

  private async apply(jobId: string, input: JobInput): Promise<Job> {
    const now = this.parts.now();
    const applied = await this.parts.jobs.update(jobId, (job) => transition(job, input, now));
    return applied.job;
  }
}
