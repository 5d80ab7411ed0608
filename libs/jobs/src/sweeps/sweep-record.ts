import type { Audit, Job, SweepComparison, SweepSpec, SweepState, SweepValues } from '#contracts';
import type { z } from 'zod';

/** A job of a sweep, in its place. */
export interface SweptMember {
  readonly jobId: string;
  readonly values: SweepValues;
}

/** A sweep as it is stored, apart from its jobs and events. */
export interface SweepRecord extends Readonly<z.infer<typeof Audit>> {
  readonly name?: string | undefined;
  readonly spec: SweepSpec;
  readonly members: readonly SweptMember[];
  readonly state: SweepState;
  /** Of its jobs, where any has. */
  readonly failed?: 'some' | 'all' | undefined;
  /** Of all jobs, once they have ended. */
  readonly comparison?: SweepComparison | undefined;
  readonly finishedAt?: string | undefined;
}

/** Where a job of a sweep stands. */
export type SweptJob = Pick<Job, 'id' | 'state' | 'stage' | 'attempt' | 'held' | 'version' | 'error'>;
