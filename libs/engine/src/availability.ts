import type { ExecutorName } from './executor.js';

/** What was found out about one provider of one executor on this machine. */
export interface Availability {
  readonly executor: ExecutorName;
  readonly provider: string;
  readonly available: boolean;
  /** Of the library that runs the graphs, where it could be asked. */
  readonly version?: string;
  /** Why it is not available; why a job would not get it by itself, where it is. */
  readonly reason?: string;
  /** What to do to make it available: a command, or what has to be there. */
  readonly install?: string;
  /** What it runs on: a graphics card, a driver, an instruction set. */
  readonly detail?: string;
  /** Available, but never chosen by itself: a software driver that stands in for a graphics card. */
  readonly fallback?: boolean;
}
