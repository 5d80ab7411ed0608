import { CalibrationError, verifyPoints, type CalibrationCell } from '#calibration';
import {
  AppError,
  withClocks,
  type Calibration,
  type Job,
  type JobError,
  type LatencyTable,
  type MeasuringTask,
  type VerifiedPoint,
} from '#contracts';
import {
  measuredMedians,
  type CalibrationRepository,
  type DeviceRepository,
  type LatencyTableRepository,
  type MeasuringOutcomes,
  type MeasuringRequests,
  type MeasuringTaskRepository,
} from '#devices';
import type { JobService, Verification, VerificationOutcome } from '#jobs';

export interface MeasuredVerificationParts {
  readonly requests: MeasuringRequests;
  readonly tasks: MeasuringTaskRepository;
  readonly tables: LatencyTableRepository;
  readonly calibrations: CalibrationRepository;
  readonly devices: DeviceRepository;
}

/** Verification of a candidate by measuring it on the device of its calibration. */
export class MeasuredVerification implements Verification {
  constructor(private readonly parts: MeasuredVerificationParts) {}

  async request(job: Job): Promise<string> {
    const { candidate, spec, verification } = job;
    if (candidate === undefined || spec.calibrationId === undefined) {
      throw new AppError('internal', `job "${job.id}" has no candidate or no calibration to verify it by`);
    }
    const task = await this.parts.requests.verification(job, {
      jobId: job.id,
      calibrationId: spec.calibrationId,
      bundleDigest: candidate.bundle.digest,
      roundsBefore: verification?.rounds ?? 0,
      cells: (verification?.points ?? []).flatMap(({ operatingPoint, nextRatio }) =>
        nextRatio === undefined ? [] : [{ operatingPoint, ratio: nextRatio }],
      ),
    });
    return task.id;
  }

  async outcome(job: Job, measuringTaskId: string): Promise<VerificationOutcome> {
    const task = await this.parts.tasks.find(job, measuringTaskId);
    if (task === undefined) return { state: 'failed', error: missing(measuringTaskId) };
    if (task.state === 'completed') return this.judged(job, task);
    if (task.state === 'failed') return { state: 'failed', error: errorOf(task) };
    return { state: 'pending' };
  }

  /** A table that cannot be judged fails the job: asking again would not help. */
  private async judged(job: Job, task: MeasuringTask): Promise<VerificationOutcome> {
    try {
      return { state: 'completed', points: await this.points(job, task) };
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
    const { spec, verification, ratios } = job;
    const calibration = await this.parts.calibrations.find(job, spec.calibrationId ?? '');
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

/** Tells the job behind a verification how its measuring task ended. */
export class VerificationOutcomes implements MeasuringOutcomes {
  constructor(
    private readonly jobs: JobService,
    private readonly verification: Verification,
  ) {}

  async ended(task: MeasuringTask): Promise<void> {
    if (task.purpose !== 'verify' || task.jobId === undefined) return;
    const job = await this.jobs.get(task, task.jobId);
    const outcome = await this.verification.outcome(job, task.id);
    if (outcome.state === 'completed') await this.jobs.measured(job.id, task.id, outcome.points);
    if (outcome.state === 'failed') await this.jobs.verificationFailed(job.id, task.id, outcome.error);
  }
}

function cellsOf(table: LatencyTable | undefined, learned: boolean): CalibrationCell[] {
  return table === undefined ? [] : measuredMedians(table).map((cell) => ({ ...cell, learned }));
}

function errorOf({ error }: MeasuringTask): JobError {
  const message = `${error?.code ?? 'unknown'}: ${error?.message ?? 'the agent gave no reason'}`;
  return { code: 'measuring_failed', fault: 'device', message };
}

function missing(measuringTaskId: string): JobError {
  const message = `measuring task "${measuringTaskId}" is gone`;
  return { code: 'measuring_failed', fault: 'device', message };
}
