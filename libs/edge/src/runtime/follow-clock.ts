import { clocksOf } from '../clocks/clock-axis.js';
import type { ClockSource } from './clock-source.js';
import { PointFollower, type HysteresisOptions } from './point-follower.js';
import type { RuntimePoint } from './runtime-point.js';

export interface FollowOptions extends HysteresisOptions {
  /** Between looks at the clocks; default 50. The kernel tells nobody when they change. */
  readonly pollMs?: number;
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
  { pollMs = 50, ...hysteresis }: FollowOptions,
): () => void {
  if (runtime.points.every((point) => Object.keys(clocksOf(point)).length === 0)) {
    throw new RangeError('points: none has cpuHz, gpuHz or memHz, expected one that clocks can be told by');
  }
  const follower = new PointFollower(hysteresis);
  const look = (): void => {
    const { points, operatingPoint: current } = runtime;
    const next = follower.next({ points, current, clocks: source.read(), atMs: performance.now() });
    // Its failures have a listener of their own.
    if (next !== undefined) runtime.setOperatingPoint(next).catch(() => undefined);
  };
  const timer = setInterval(look, pollMs);
  timer.unref();
  return () => clearInterval(timer);
}
