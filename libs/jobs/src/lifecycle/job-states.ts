import { FINAL_JOB_STATES, type Job, type JobStage, type JobState } from '#contracts';

export function isFinal(job: Pick<Job, 'state'>): boolean {
  return FINAL_JOB_STATES.includes(job.state);
}

/** States in which an attempt, or the device, is at work. */
export const AT_WORK: readonly JobState[] = ['running', 'pausing', 'cancelling'];

export function isAtWork(job: Pick<Job, 'state'>): boolean {
  return AT_WORK.includes(job.state);
}

/** Whether somebody is asked to stop. */
export function isStopping(job: Pick<Job, 'state'>): boolean {
  return job.state === 'pausing' || job.state === 'cancelling';
}

/** Stages in which no worker holds the job: the device is at work. */
export function isOnDevice(stage: JobStage): boolean {
  return stage === 'measure' || stage === 'verify';
}
