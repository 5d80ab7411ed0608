import type { Actor, Job, JobError, VerifiedPoint } from '#contracts';

export type DeviceOutcome =
  | { readonly state: 'pending' }
  /** The device was measured, for a calibration. */
  | { readonly state: 'profiled'; readonly latencyTableId: string }
  /** With what all measurements of the candidate so far have shown. */
  | { readonly state: 'verified'; readonly points: readonly VerifiedPoint[] }
  | { readonly state: 'failed'; readonly error: JobError };

/** A measuring task that has not ended. */
export interface OpenTask {
  readonly id: string;
  /** That it was made for. */
  readonly jobId: string;
}

export interface OpenTasks {
  readonly createdBefore: Date;
  readonly limit: number;
  /** Only tasks whose id sorts behind this one. */
  readonly afterId?: string | undefined;
}

/** What devices do for jobs in the stages measure and verify. */
export interface DeviceWork {
  /**
   * Creates the measuring task of the job's stage (in later rounds of verification of what those before ask for), or finds the
   * one that was created for it before; returns its id.
   */
  request(job: Job): Promise<string>;

  outcome(job: Job, measuringTaskId: string): Promise<DeviceOutcome>;

  /** Nobody waits for the task any more. One that ended, or is gone, is no error. */
  cancel(actor: Actor, measuringTaskId: string): Promise<void>;

  /** Why devices measure nothing for these tasks now, by the id of the task; those that are measured, or have ended, are left out. */
  delays(measuringTaskIds: readonly string[]): Promise<Map<string, string>>;

  /** Tasks of the jobs of all teams, by ascending id. */
  openTasks(query: OpenTasks): Promise<OpenTask[]>;
}
