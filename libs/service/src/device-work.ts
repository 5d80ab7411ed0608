import { CalibrationError, verifyPoints, type CalibrationCell } from '#calibration';
import {
  AppError,
  withClocks,
  type Actor,
  type Calibration,
  type Job,
  type JobError,
  type LatencyTable,
  type MeasuringTask,
  type VerifiedPoint,
} from '#contracts';
import {
  measuredMedians,
  whyUnmeasured,
  type CalibrationRepository,
  type DeviceRepository,
  type LatencyTableRepository,
  type MeasuringOutcomes,
  type MeasuringRequests,
  type MeasuringTaskRepository,
  type OpenMeasurings,
} from '#devices';
import type { DeviceOutcome, DeviceWork, JobService, OpenTask, OpenTasks } from '#jobs';
import type { Storage } from '#storage';

export interface JobDeviceWorkParts {
  readonly requests: MeasuringRequests;
  readonly datasets: Pick<Storage['datasets'], 'find'>;
  readonly tasks: MeasuringTaskRepository;
  readonly tables: LatencyTableRepository;
  readonly calibrations: CalibrationRepository;
  readonly devices: DeviceRepository;
  readonly openMeasurings: OpenMeasurings;
}

/** Has the device of a job measure proxies before it trains, and its candidate afterwards. */
export class JobDeviceWork implements DeviceWork {
  constructor(private readonly parts: JobDeviceWorkParts) {}

  request(job: Job): Promise<string> {
    return job.stage === 'measure' ? this.requestProfile(job) : this.requestVerification(job);
  }

  async outcome(job: Job, measuringTaskId: string): Promise<DeviceOutcome> {
    const task = await this.parts.tasks.find(job, measuringTaskId);
    if (task === undefined) return { state: 'failed', error: missing(measuringTaskId) };
    if (task.state === 'failed' || task.state === 'cancelled')
      return { state: 'failed', error: errorOf(task) };
    if (task.state !== 'completed') return { state: 'pending' };
    if (task.purpose === 'profile') return { state: 'profiled', latencyTableId: task.latencyTableId! };
    return this.judged(job, task);
  }

  async cancel(actor: Actor, measuringTaskId: string): Promise<void> {
    await this.parts.tasks.cancel(actor, measuringTaskId, new Date()).catch(unlessGone);
  }

  async delays(measuringTaskIds: readonly string[]): Promise<Map<string, string>> {
    const now = new Date();
    const delays = new Map<string, string>();
    for (const open of await this.parts.openMeasurings.find(measuringTaskIds, now)) {
      const reason = whyUnmeasured(open, now);
      if (reason !== undefined) delays.set(open.taskId, reason);
    }
    return delays;
  }

  openTasks(query: OpenTasks): Promise<OpenTask[]> {
    return this.parts.tasks.openOfJobs(query);
  }

  private async requestProfile(job: Job): Promise<string> {
    const { profile, network, training, datasetId } = job.spec;
    const dataset = await this.parts.datasets.find(job, datasetId);
    if (profile === undefined || dataset === undefined)
      throw new AppError('internal', `job "${job.id}" has no profile to measure, or no dataset`);
    const { deviceId, ratios, selection, protocol } = profile;
    const { input, classes } = dataset;
    const { channelMultiple } = training;
    const request = { deviceId, network, input, classes, ratios, channelMultiple, selection, protocol };
    const { generation } = job;
    return (await this.parts.requests.profile(job, request, { forJob: { jobId: job.id, generation } })).id;
  }

  private async requestVerification(job: Job): Promise<string> {
    const { candidate, calibrationId, verification, generation } = job;
    if (candidate === undefined || calibrationId === undefined) {
      throw new AppError('internal', `job "${job.id}" has no candidate or no calibration to verify it by`);
    }
    const task = await this.parts.requests.verification(job, {
      ...{ jobId: job.id, calibrationId, generation },
      bundleDigest: candidate.bundle.digest,
      roundsBefore: verification?.rounds ?? 0,
      cells: (verification?.points ?? []).flatMap(({ operatingPoint, nextRatio }) =>
        nextRatio === undefined ? [] : [{ operatingPoint, ratio: nextRatio }],
      ),
    });
    return task.id;
  }

  /** A table that cannot be judged fails the job: asking again would not help. */
  private async judged(job: Job, task: MeasuringTask): Promise<DeviceOutcome> {
    try {
      return { state: 'verified', points: await this.points(job, task) };
    } catch (error) {
      if (!(error instanceof CalibrationError)) throw error;
      return {
        state: 'failed',
        error: { code: 'measuring_failed', fault: 'device', message: error.message },
      };
    }
  }

  /** What the proxies and all measurements of the candidate say of every operating point. */
  private async points(job: Job, newest: MeasuringTask): Promise<VerifiedPoint[]> {
    const { calibrationId, verification, ratios } = job;
    const calibration = await this.parts.calibrations.find(job, calibrationId ?? '');
    if (calibration === undefined)
      throw new AppError('internal', `the calibration of job "${job.id}" is gone`);
    const before = (verification?.measuringTaskIds ?? []).filter((id) => id !== newest.id);
    const tables = await Promise.all([...before, newest.id].map((id) => this.tableOf(job, id)));
    const proxies = await this.parts.tables.find(job, calibration.latencyTableId);
    const operatingPoints = await this.operatingPoints(job, calibration);
    return verifyPoints({
      operatingPoints,
      cells: [...cellsOf(proxies, false), ...tables.flatMap((table) => cellsOf(table, true))],
      targetMs: calibration.targetMs,
      tolerance: calibration.tolerance,
      mode: calibration.mode,
      largestRatio: ratios.at(-1)!,
    });
  }

  private async tableOf(job: Job, measuringTaskId: string): Promise<LatencyTable | undefined> {
    const task = await this.parts.tasks.find(job, measuringTaskId);
    if (task?.latencyTableId === undefined) return undefined;
    return this.parts.tables.find(job, task.latencyTableId);
  }

  private async operatingPoints(job: Job, { deviceId, choices }: Calibration) {
    const device = await this.parts.devices.find(job, deviceId);
    const names = choices.map(({ operatingPoint }) => operatingPoint);
    return withClocks(names, device?.operatingPoints ?? []);
  }
}

/** Tells the job behind a measuring task that it ended. */
export class JobMeasuringOutcomes implements MeasuringOutcomes {
  constructor(private readonly jobs: JobService) {}

  async ended(task: MeasuringTask): Promise<void> {
    if (task.jobId === undefined) return;
    await this.jobs.applyOutcome(await this.jobs.get(task, task.jobId), task.id);
  }

  async waits({ id, jobId, waiting }: MeasuringTask): Promise<void> {
    if (jobId !== undefined) await this.jobs.deviceWaits(jobId, id, waiting?.reason);
  }
}

/** Of who may not care that an agent waits. */
type SomeOutcomes = Pick<MeasuringOutcomes, 'ended'> & Partial<MeasuringOutcomes>;

/** Tells all that may wait for a measuring task; each passes over those that are not its own. */
export class AllMeasuringOutcomes implements MeasuringOutcomes {
  constructor(private readonly all: readonly SomeOutcomes[]) {}

  async ended(task: MeasuringTask): Promise<void> {
    for (const each of this.all) await each.ended(task);
  }

  async waits(task: MeasuringTask): Promise<void> {
    for (const each of this.all) await each.waits?.(task);
  }
}

function cellsOf(table: LatencyTable | undefined, learned: boolean): CalibrationCell[] {
  return table === undefined ? [] : measuredMedians(table).map((cell) => ({ ...cell, learned }));
}

function errorOf({ error, state }: MeasuringTask): JobError {
  if (state === 'cancelled')
    return { code: 'measuring_failed', fault: 'user', message: 'the measuring task was cancelled' };
  const message = `${error?.code ?? 'unknown'}: ${error?.message ?? 'the agent gave no reason'}`;
  return { code: 'measuring_failed', fault: 'device', message };
}

function unlessGone(error: unknown): void {
  if (!(error instanceof AppError && error.code === 'not_found')) throw error;
}

function missing(measuringTaskId: string): JobError {
  const message = `measuring task "${measuringTaskId}" is gone`;
  return { code: 'measuring_failed', fault: 'device', message };
}
