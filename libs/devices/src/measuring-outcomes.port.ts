import type { MeasuringTask } from '#contracts';

/**
 * Told after a task was completed or failed, so that the job behind a verification goes on. May be called again for
 * the same task; what it misses, the reconciler of the jobs finds.
 */
export interface MeasuringOutcomes {
  ended(task: MeasuringTask): Promise<void>;

  /** Told after the agent of a task has begun or ceased to leave its device alone (`waiting`). */
  waits(task: MeasuringTask): Promise<void>;
}
