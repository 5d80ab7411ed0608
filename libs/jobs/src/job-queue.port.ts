import type { JobMessage } from './lifecycle/transitions.js';

/**
 * Where workers get their messages from. Delivery is at least once: whoever gets a message begins the stage, and
 * `begin` says when there is nothing left to do.
 */
export interface JobQueue {
  /**
   * Does nothing while the same message (job, stage and generation) waits or runs, but that one that waits gets the new priority. A
   * message whose earlier run has ended, or that the queue lost, is put in again.
   */
  enqueue(message: JobMessage): Promise<void>;
}
