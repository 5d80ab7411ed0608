import type { JobMessage } from '../lifecycle/transitions.js';

/** Has workers look at sweeps. Delivery is at least once; looking twice does no harm. */
export interface SweepQueue {
  /**
   * Puts the messages of a sweep's jobs in and, behind them, one that has the sweep looked at: all or none. Messages that are
   * there stay as they are.
   */
  fanOut(sweepId: string, jobs: readonly JobMessage[], traceparent?: string): Promise<void>;

  /** Has the sweep looked at now. @param cause tells messages from each other */
  look(sweepId: string, cause: string, traceparent?: string): Promise<void>;
}
