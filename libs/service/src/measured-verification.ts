import { AppError, type Job, type JobError, type MeasuringTask } from '#contracts';
import type { MeasuringOutcomes, MeasuringRequests, MeasuringTaskRepository } from '#devices';
import type { JobService, Verification, VerificationOutcome } from '#jobs';

/** Verification of a candidate by measuring it on the device of its calibration. */
export class MeasuredVerification implements Verification {
  constructor(private readonly parts: { requests: MeasuringRequests; tasks: MeasuringTaskRepository }) {}

  async request(job: Job): Promise<string> {
    const { candidate, spec } = job;
    if (candidate === undefined || spec.calibrationId === undefined) {
      throw new AppError('internal', `job "${job.id}" has no candidate or no calibration to verify it by`);
    }
    const task = await this.parts.requests.verification(job, {
      jobId: job.id,
      calibrationId: spec.calibrationId,
      bundleDigest: candidate.bundle.digest,
    });
    return task.id;
  }

  async outcome(job: Job, measuringTaskId: string): Promise<VerificationOutcome> {
    const task = await this.parts.tasks.find(job, measuringTaskId);
    if (task === undefined) return { state: 'failed', error: missing(measuringTaskId) };
    return outcomeOf(task);
  }
}

/** Tells the job behind a verification how its measuring task ended. */
export class VerificationOutcomes implements MeasuringOutcomes {
  constructor(private readonly jobs: JobService) {}

  async ended(task: MeasuringTask): Promise<void> {
    if (task.purpose !== 'verify' || task.jobId === undefined) return;
    const outcome = outcomeOf(task);
    if (outcome.state === 'completed') await this.jobs.verified(task.jobId, task.id);
    if (outcome.state === 'failed') {
      await this.jobs.verificationFailed(task.jobId, task.id, outcome.error);
    }
  }
}

function outcomeOf(task: MeasuringTask): VerificationOutcome {
  if (task.state === 'completed') return { state: 'completed' };
  if (task.state !== 'failed') return { state: 'pending' };
  const message = `${task.error?.code ?? 'unknown'}: ${task.error?.message ?? 'the agent gave no reason'}`;
  return { state: 'failed', error: { code: 'measuring_failed', fault: 'device', message } };
}

function missing(measuringTaskId: string): JobError {
  const message = `measuring task "${measuringTaskId}" is gone`;
  return { code: 'measuring_failed', fault: 'device', message };
}
