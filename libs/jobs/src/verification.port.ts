import type { Job, JobError } from '#contracts';

export type VerificationOutcome =
  | { readonly state: 'pending' }
  | { readonly state: 'completed' }
  | { readonly state: 'failed'; readonly error: JobError };

/** Has a candidate measured on the device that it is for. */
export interface Verification {
  /** Creates the measuring task of the job's candidate, or finds the one that was created before; returns its id. */
  request(job: Job): Promise<string>;

  outcome(job: Job, measuringTaskId: string): Promise<VerificationOutcome>;
}
