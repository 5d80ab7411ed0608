import type { JobMessage } from './transition.js';

/**
 * Where workers get their messages from. Delivery is at least once: whoever gets a message begins the stage, and
 * `begin` says when there is nothing left to do.
 */
export interface JobQueue {
  /**
   * Does nothing while the same message waits or runs. A message whose earlier run has ended, or that the queue lost,
   * is put in again.
   */
  enqueue(message: JobMessage): Promise<void>;
}
