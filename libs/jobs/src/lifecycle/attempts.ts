import type { Job } from '#contracts';

/** So many attempts may fail, through no fault of the user, one after the other without keeping anything. */
const FUTILE_ATTEMPTS = 6;

/** Whether a job that failed again is given up. */
export function areFutile({ attempt, attemptsBefore }: Pick<Job, 'attempt' | 'attemptsBefore'>): boolean {
  return attempt - attemptsBefore >= FUTILE_ATTEMPTS;
}
