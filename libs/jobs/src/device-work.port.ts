import type { Job, JobError, VerifiedPoint } from '#contracts';

export type DeviceOutcome =
  | { readonly state: 'pending' }
  /** The device was measured, for a calibration. */
  | { readonly state: 'profiled'; readonly latencyTableId: string }
  /** With what all measurements of the candidate so far have shown. */
  | { readonly state: 'verified'; readonly points: readonly VerifiedPoint[] }
  | { readonly state: 'failed'; readonly error: JobError };

/** What devices do for jobs in the stages measure and verify. */
export interface DeviceWork {
  /**
   * Creates the measuring task of the job's stage (in later rounds of verification of what those before ask for), or finds the
   * one that was created for it before; returns its id.
   */
  request(job: Job): Promise<string>;

  outcome(job: Job, measuringTaskId: string): Promise<DeviceOutcome>;

  /** Nobody waits for the task any more. One that ended, or is gone, is no error. */
  cancel(job: Job, measuringTaskId: string): Promise<void>;
}
