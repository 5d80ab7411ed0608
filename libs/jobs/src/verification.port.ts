import type { Job, JobError, VerifiedPoint } from '#contracts';

export type VerificationOutcome =
  | { readonly state: 'pending' }
  /** With what all measurements of the candidate so far have shown. */
  | { readonly state: 'completed'; readonly points: readonly VerifiedPoint[] }
  | { readonly state: 'failed'; readonly error: JobError };

/** Has a candidate measured on the device that it is for. */
export interface Verification {
  /**
   * Creates the measuring task of the job's candidate, in later rounds of what those before ask for, or finds the one that
   * was created before; returns its id.
   */
  request(job: Job): Promise<string>;

  outcome(job: Job, measuringTaskId: string): Promise<VerificationOutcome>;
}
