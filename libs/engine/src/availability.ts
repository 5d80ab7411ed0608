import { ExecutorUnavailableError, type ExecutorName } from './executor.js';

/** What was found out about one provider of one executor on this machine. */
export interface Availability {
  readonly executor: ExecutorName;
  readonly provider: string;
  readonly available: boolean;
  /** Of the library that runs the graphs, where it could be asked. */
  readonly version?: string;
  /** Why it is not available; where it is, why a job gets it only by name. */
  readonly reason?: string;
  /** What would make it available: a command to run, or a thing that has to be there. */
  readonly install?: string;
  /** Not available for want of a graphics card or its driver alone: its software is there and loads. */
  readonly lacksCard?: boolean;
  /** CPU threads of a program whose caller names no number. */
  readonly threads?: number;
  /** What it runs on: a graphics card, a driver, an instruction set. */
  readonly detail?: string;
  /** Available, but the CPU stands in for a graphics card: a job gets it only by name. */
  readonly fallback?: boolean;
}

/** The error for a provider that was found to be unavailable. */
export function unavailable(found: Availability): ExecutorUnavailableError {
  const { executor, provider, reason = 'it was not found', install } = found;
  return new ExecutorUnavailableError({ executor, provider, reason, install });
}
