import { AppError, type JobError } from '#contracts';

/** What a job says about an error; the inside of an unknown one is for the log. */
export function jobErrorOf(error: unknown): JobError {
  if (error instanceof AppError) {
    const { code, fault, message } = error;
    return { code, fault, message };
  }
  const message = 'an unexpected error; the log of the worker has it under the id of this job';
  return { code: 'internal', fault: 'infrastructure', message };
}

/** Whether another attempt has the job now: whatever this one has to say is refused. */
export function isSuperseded(error: unknown): boolean {
  return error instanceof AppError && error.code === 'attempt_superseded';
}
