import type { Job, JobError } from '#contracts';

/** So many attempts may fail, through no fault of the user, one after the other without keeping anything. */
const FUTILE_ATTEMPTS = 6;

type Attempts = Pick<Job, 'attempt' | 'attemptsBefore'>;

/** Whether a job that failed again is given up. */
export function areFutile({ attempt, attemptsBefore }: Attempts): boolean {
  return attempt - attemptsBefore >= FUTILE_ATTEMPTS;
}

/** Whether a job was begun so often, without keeping anything, that it may be what kills its workers. */
export function isExhausted({ attempt, attemptsBefore }: Attempts, maxAttempts: number): boolean {
  return attempt - attemptsBefore >= maxAttempts;
}

/** Why a job that is exhausted has failed. */
export function exhaustion({ stage, attempt, attemptsBefore }: Attempts & Pick<Job, 'stage'>): JobError {
  const code = stage === 'train' ? 'training_crashed' : 'internal';
  const message =
    `given up in stage ${stage}, which has not ended: the job was begun ${attempt - attemptsBefore} times ` +
    '(all stages counted); the logs of the workers may tell why';
  return { code, fault: 'infrastructure', message };
}
