import type { EdgeOperatingPoint } from '../operating-point.js';
import { Sysfs } from '../sysfs/sysfs.js';
import { findClocks, type FoundClock } from './find-clocks.js';
import { emulatedPoints, proposePoints, type PointOptions } from './propose-points.js';

/** What a device offers to measure at. */
export interface DiscoveredPoints {
  readonly operatingPoints: readonly EdgeOperatingPoint[];
  /** Whether no clock of the chosen kinds can be pinned, so that the points are shares of CPU time. */
  readonly emulated: boolean;
  /** Every clock that the kernel shows, with the reason where it cannot be pinned. */
  readonly clocks: readonly FoundClock[];
}

/** Reads the clocks below `root`, changing nothing, and proposes operating points. */
export function discoverPoints(root: string, options: PointOptions): DiscoveredPoints {
  const clocks = findClocks(new Sysfs(root));
  const real = proposePoints(clocks, options);
  const emulated = real.length === 0;
  return { operatingPoints: emulated ? emulatedPoints(options) : real, emulated, clocks };
}
