import { clocksOf, type AxisClocks } from '../clocks/clock-axis.js';
import type { ClockSource } from './clock-source.js';
import { PointFollower, type HysteresisOptions } from './point-follower.js';
import type { RuntimePoint } from './runtime-point.js';

export interface FollowOptions extends HysteresisOptions {
  /** Between looks at the clocks; default 50. The kernel tells nobody when they change. */
  readonly pollMs?: number;
  /** Hears what a source threw when it was read, once until it can be read again. Meanwhile the runtime stays where it is. */
  readonly onReadFailed?: (error: unknown) => void;
}

/** What follows the clock: a runtime. */
export interface Follower {
  readonly points: readonly RuntimePoint[];
  readonly operatingPoint: string;
  setOperatingPoint(name: string): Promise<void>;
}

/**
 * Keeps a runtime at the operating point that is nearest to the clocks, until the returned function is called.
 * @throws RangeError when none of the runtime's points names a clock.
 */
export function followClock(
  runtime: Follower,
  source: ClockSource,
  { pollMs = 50, onReadFailed, ...hysteresis }: FollowOptions,
): () => void {
  if (runtime.points.every((point) => Object.keys(clocksOf(point)).length === 0)) {
    throw new RangeError('points: none has cpuHz, gpuHz or memHz, expected one that clocks can be told by');
  }
  const follower = new PointFollower(hysteresis);
  let isReadable = true;
  const read = (): AxisClocks => {
    try {
      const clocks = source.read();
      isReadable = true;
      return clocks;
    } catch (error) {
      if (isReadable) onReadFailed?.(error);
      isReadable = false;
      return {};
    }
  };
  const look = (): void => {
    const { points, operatingPoint: current } = runtime;
    const next = follower.next({ points, current, clocks: read(), atMs: performance.now() });
    // Its failures have a listener of their own.
    if (next !== undefined) runtime.setOperatingPoint(next).catch(() => undefined);
  };
  const timer = setInterval(look, pollMs);
  timer.unref();
  return () => clearInterval(timer);
}
