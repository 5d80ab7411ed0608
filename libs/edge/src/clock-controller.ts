import type { EdgeOperatingPoint } from './operating-point.js';

export type ClockControllerKind =
  'cgroup-v1-quota' | 'cgroup-v2-quota' | 'duty-cycle' | 'cpufreq' | 'devfreq' | 'tuple' | 'recorded';

/** What was really set, for the provenance of the samples. */
export interface AppliedClock {
  /** What the hardware says its CPU, GPU and memory run at. */
  readonly clockReadBackHz?: number;
  readonly gpuReadBackHz?: number;
  readonly memReadBackHz?: number;
  readonly governor?: string;
  readonly requestedCpuShare?: number;
}

/** The process whose networks are timed. */
export interface MeasuredTarget {
  readonly pid: number;
  /** How many threads a network runs on. */
  readonly threads: number;
}

/** Puts the device, or just the measured process, at an operating point. One caller at a time. */
export interface ClockController {
  readonly kind: ClockControllerKind;
  /** Whether no clock of this device is moved: CPU time is taken away, or samples are replayed. */
  readonly emulated: boolean;
  /**
   * Holds `point` for the measured process until the next call.
   * @throws ClockError when the point cannot be set on this device.
   */
  apply(point: EdgeOperatingPoint, target: MeasuredTarget): Promise<AppliedClock>;
  /** What is in force now: real clocks are read again, since heat may have moved them. */
  readBack(): Promise<AppliedClock>;
  /** Lets the measured process work at full speed, to load the next network; a real clock stays where it is. */
  release(): Promise<void>;
  /** Puts everything back as it was before the first `apply`; doing it again is fine. */
  restore(): Promise<void>;
}

/** A clock that cannot be set; says which and what would help. */
export class ClockError extends Error {
  override readonly name = 'ClockError';
}

/**
 * The CPU share of an emulated point.
 * @throws ClockError when the point has none.
 */
export function cpuShareOf(point: EdgeOperatingPoint): number {
  const share = point.emulatedCpuShare;
  if (share === undefined) {
    throw new ClockError(
      `operating point "${point.name}" has no emulatedCpuShare, and this agent emulates clocks; ` +
        'give the point a share, or start the agent with --real-clocks',
    );
  }
  if (share > 0 && share <= 1) return share;
  throw new ClockError(
    `operating point "${point.name}": emulatedCpuShare is ${share}, expected more than 0, at most 1`,
  );
}
