import {
  newAudit,
  notFound,
  unknownReference,
  type Actor,
  type CreateJob,
  type Dataset,
  type Job,
  type JobDerivation,
  type JobError,
  type JobEvent,
  type LastStage,
  type Page,
  type StoredJobEvent,
  type ListJobs,
} from '#contracts';
import {
  checkDatasetFits,
  checkComparable,
  checkRatiosFit,
  checkUntrainedRatios,
  checkWarmStart,
} from './check-submission.js';
import type { DeviceOutcome, DeviceWork } from './device-work.port.js';
import type { JobLookups } from './job-lookups.port.js';
import type { JobRepository } from './job-repository.port.js';
import type { InputOf, JobInput, SweepCommand, UserCommand } from './lifecycle/job-input.js';
import { placeOf } from './lifecycle/job-place.js';
import { isOnDevice } from './lifecycle/job-states.js';
import { submission, transition } from './lifecycle/transition.js';
import type { Transition } from './lifecycle/transitions.js';
import { unawaitedTasks, type UnawaitedTask } from './unawaited-tasks.js';

export interface JobServiceParts {
  readonly jobs: JobRepository;
  readonly lookups: JobLookups;
  readonly devices: DeviceWork;
  readonly now: () => Date;
  readonly newId: () => string;
  /** Of the request that is being answered, where there is one: for who searches the log. */
  readonly requestId?: () => string | undefined;
}

/** Of a job that nobody has begun. */
const UNTOUCHED = { attempt: 0, generation: 0, attemptsBefore: 0, metricSteps: {} };

/** What users, devices and the reconciler do to jobs; WorkerReports has what workers do. */
export class JobService {
  constructor(private readonly parts: JobServiceParts) {}

  /**
   * Stores a job with its first event and the message for its first stage.
   * @throws AppError invalid_request (naming datasetId, calibrationId, profile.deviceId, untrainedRatios or warmStart) or
   * dataset_does_not_fit; Error where there is a job with the id
   */
  async submit(actor: Actor, request: CreateJob, id?: string): Promise<Job> {
    const job = await this.prepare(actor, request, id);
    await this.parts.jobs.create(submission(job));
    return job;
  }

  /** Checks a submission as `submit` does, and gives the job that it would store. @throws what `submit` throws */
  async prepare(actor: Actor, request: CreateJob, id = this.parts.newId()): Promise<Job> {
    const { lookups, now } = this.parts;
    const dataset = await lookups.dataset(actor, request.datasetId);
    if (dataset === undefined) throw unknownReference('datasetId', request.datasetId, 'dataset');
    checkDatasetFits(request, dataset);
    await this.checkWarmStart(actor, request, dataset);
    const { model, until, priority, profile } = request;
    return {
      ...newAudit(actor, id, now()),
      ...{ state: profile ? 'running' : 'queued', stage: profile ? 'measure' : 'train' },
      ...{ until, priority, ...UNTOUCHED, model, spec: request, requestId: this.parts.requestId?.() },
      ...(await this.schedule(actor, request)),
    };
  }

  /**
   * Stores a job that derives ratios of a version, on the dataset and with the training options of `spec`.
   * @throws AppError invalid_request (naming datasetId) or dataset_does_not_fit; Error where there is a job with the id
   */
  async submitDerivation(
    actor: Actor,
    { spec, derivation }: { readonly spec: CreateJob; readonly derivation: JobDerivation },
    id = this.parts.newId(),
  ): Promise<Job> {
    const dataset = await this.parts.lookups.dataset(actor, spec.datasetId);
    if (dataset === undefined) throw unknownReference('datasetId', spec.datasetId, 'dataset');
    checkDatasetFits(spec, dataset);
    const { model, until, priority } = spec;
    const { ratios } = derivation;
    const job: Job = {
      ...newAudit(actor, id, this.parts.now()),
      ...{ state: 'queued', stage: 'derive', until, priority, ...UNTOUCHED },
      ...{ model, spec, ratios, derivation, requestId: this.parts.requestId?.() },
    };
    await this.parts.jobs.create(submission(job));
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

  eventsOfType(
    actor: Actor,
    jobId: string,
    type: JobEvent['type'],
    afterSequence: number,
    limit: number,
  ): Promise<StoredJobEvent[]> {
    return this.parts.jobs.eventsOfType(actor, jobId, type, afterSequence, limit);
  }

  /** @throws AppError not_found or job_state_conflict */
  async command(actor: Actor, jobId: string, input: UserCommand | SweepCommand): Promise<Job> {
    await this.get(actor, jobId);
    return this.apply(jobId, input);
  }

  /** @throws AppError not_found or job_state_conflict */
  cancel(actor: Actor, jobId: string): Promise<Job> {
    return this.command(actor, jobId, { type: 'cancel' });
  }

  /** @throws AppError not_found or job_state_conflict */
  pause(actor: Actor, jobId: string): Promise<Job> {
    return this.command(actor, jobId, { type: 'pause' });
  }

  /** @throws AppError not_found or job_state_conflict */
  resume(actor: Actor, jobId: string): Promise<Job> {
    return this.command(actor, jobId, { type: 'resume' });
  }

  /** @throws AppError not_found or job_state_conflict */
  retry(actor: Actor, jobId: string): Promise<Job> {
    return this.command(actor, jobId, { type: 'retry' });
  }

  /** Takes a job that has ended with an earlier stage on to a later one. @throws AppError not_found or job_state_conflict */
  goOn(actor: Actor, jobId: string, until: LastStage): Promise<Job> {
    return this.command(actor, jobId, { type: 'continue', until });
  }

  /** @throws AppError not_found or job_state_conflict */
  prioritise(actor: Actor, jobId: string, priority: number): Promise<Job> {
    return this.command(actor, jobId, { type: 'prioritise', priority });
  }

  /**
   * Does the work of the stages measure and verify: has the device measure. Repeating it creates no second measuring task. One that
   * nobody waits for any more is cancelled; one that has ended already is applied.
   * @param endedBy the error that the job is to end with where its device cannot be asked; undefined where somebody tries again
   * @throws AppError not_found, or why the device could not be asked
   */
  async requestMeasuring(
    jobId: string,
    endedBy: (error: unknown) => JobError | undefined = () => undefined,
  ): Promise<void> {
    const job = await this.parts.jobs.load(jobId);
    if (job === undefined) throw notFound('job', jobId);
    if (!isOnDevice(job.stage) || job.state !== 'running' || job.measuringTaskId !== undefined) return;
    try {
      await this.haveMeasured(job);
    } catch (cause) {
      const error = endedBy(cause);
      if (error !== undefined) await this.giveUp(job, error);
      throw cause;
    }
  }

  /** The device's measuring task may have ended: the job goes on then. */
  async applyOutcome(job: Job, measuringTaskId: string): Promise<void> {
    const outcome = await this.parts.devices.outcome(job, measuringTaskId);
    const input = inputOf(outcome, measuringTaskId);
    if (input !== undefined) await this.apply(job.id, input);
  }

  /** Whoever measures for a job leaves the device alone, for a reason, or measures again. */
  async deviceWaits(jobId: string, measuringTaskId: string, reason: string | undefined): Promise<void> {
    await this.apply(jobId, { type: 'device-waits', measuringTaskId, reason });
  }

  /** Ends a job for which nobody can do what it needs where it is. Nothing happens to one that has gone on since it was read. */
  giveUp(job: Job, error: JobError): Promise<Job> {
    return this.apply(job.id, { type: 'given-up', place: placeOf(job), error });
  }

  /** Ends a job that was begun `maxAttempts` times without keeping anything, and that nobody has touched since then. */
  giveUpExhausted(jobId: string, limits: Omit<InputOf<'exhausted'>, 'type'>): Promise<Job> {
    return this.apply(jobId, { type: 'exhausted', ...limits });
  }

  /** Whoever is at work on a job that is to stop has not said so, and never will: it is fenced off, and the job has stopped. */
  halt({ id, stage, generation }: Pick<Job, 'id' | 'stage' | 'generation'>): Promise<Job> {
    return this.apply(id, { type: 'silent', stage, generation });
  }

  private async haveMeasured(job: Job): Promise<void> {
    const measuringTaskId = await this.parts.devices.request(job);
    const place = placeOf(job);
    const noted = await this.apply(job.id, { type: 'measuring-requested', place, measuringTaskId });
    if (noted.measuringTaskId !== measuringTaskId) await this.parts.devices.cancel(job, measuringTaskId);
    else await this.applyOutcome(noted, measuringTaskId);
  }

  /** Measuring tasks, made before, that would keep their devices from others though no job waits for them. */
  unawaitedTasks(createdBefore: Date): AsyncGenerator<UnawaitedTask> {
    return unawaitedTasks(this.parts, createdBefore);
  }

  cancelTask({ job, measuringTaskId }: UnawaitedTask): Promise<void> {
    return this.parts.devices.cancel(job, measuringTaskId);
  }

  private async checkWarmStart(actor: Actor, request: CreateJob, dataset: Dataset): Promise<void> {
    const { warmStart } = request;
    if (warmStart === undefined) return;
    const found = await this.parts.lookups.modelVersion(actor, warmStart);
    const value = `${warmStart.model} version ${warmStart.version}`;
    if (found === undefined) throw unknownReference('warmStart', value, 'model version');
    checkWarmStart(request, dataset, found);
  }

  private async schedule(
    actor: Actor,
    request: CreateJob,
  ): Promise<Pick<Job, 'ratios' | 'deviceId' | 'calibrationId'>> {
    const { lookups } = this.parts;
    const { calibrationId, profile } = request;
    if (profile !== undefined) {
      const { deviceId } = profile;
      if (await lookups.device(actor, deviceId)) return { ratios: [], deviceId };
      throw unknownReference('profile.deviceId', deviceId, 'device');
    }
    if (calibrationId === undefined) return { ratios: request.ratios ?? [0] };
    const calibration = await lookups.calibration(actor, calibrationId);
    if (calibration === undefined) throw unknownReference('calibrationId', calibrationId, 'calibration');
    const table = await lookups.latencyTable(actor, calibration.latencyTableId);
    if (table === undefined) throw notFound('latency table', calibration.latencyTableId);
    checkComparable(calibration, table);
    checkRatiosFit(calibration);
    checkUntrainedRatios(request, calibration);
    return { ratios: calibration.ratios, deviceId: calibration.deviceId, calibrationId };
  }

  private async apply(jobId: string, input: JobInput): Promise<Job> {
    const now = this.parts.now();
    const applied = await this.parts.jobs.update(jobId, (job) => transition(job, input, now));
    await this.carryOut(applied);
    return applied.job;
  }

  private async carryOut({ job, effects = [] }: Transition): Promise<void> {
    for (const { measuringTaskId } of effects) await this.parts.devices.cancel(job, measuringTaskId);
  }
}

function inputOf(outcome: DeviceOutcome, measuringTaskId: string): JobInput | undefined {
  switch (outcome.state) {
    case 'pending':
      return undefined;
    case 'profiled':
      return { type: 'profiled', measuringTaskId, latencyTableId: outcome.latencyTableId };
    case 'verified':
      return { type: 'measured', measuringTaskId, points: outcome.points };
    case 'failed':
      return { type: 'measuring-failed', measuringTaskId, error: outcome.error };
  }
}
