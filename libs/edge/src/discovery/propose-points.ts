import { CLOCK_AXES, POINT_FIELD, type AxisClocks, type ClockAxis } from '../clocks/clock-axis.js';
import type { EdgeOperatingPoint } from '../operating-point.js';
import type { FoundClock } from './find-clocks.js';

export interface PointOptions {
  /** Which clocks differ from point to point; the others stay at their highest. */
  readonly axes: readonly ClockAxis[];
  /** No more points than this, spread evenly; at least 2. */
  readonly maxPoints: number;
}

/** CPU and GPU clock; memory, at its highest, is left to `--clocks`. */
export const DEFAULT_AXES: readonly ClockAxis[] = ['cpu', 'gpu'];
export const DEFAULT_MAX_POINTS = 16;

/** Where the kernel takes any clock within a range, so many of them are proposed. */
const STEPS = 8;
const STEP_UNIT_HZ = 1e6;
const EMULATED_SHARES = [1, 0.8, 0.6, 0.4, 0.25];

/**
 * One point for every clock of an axis with the others at their highest, fastest first: not every combination, of which
 * there would be hundreds. Empty where no clock of the chosen axes can be pinned.
 */
export function proposePoints(found: readonly FoundClock[], options: PointOptions): EdgeOperatingPoint[] {
  const pinnable = found.filter((clock) => clock.notPinnable === undefined);
  const byAxis = CLOCK_AXES.flatMap((axis) => {
    const clock = biggest(pinnable.filter((candidate) => candidate.axis === axis));
    return clock === undefined ? [] : [{ axis, clocksHz: clocksOfDomain(clock) }];
  });
  const varied = byAxis.filter(({ axis }) => options.axes.includes(axis));
  if (varied.length === 0) return [];
  const highest = Object.fromEntries(byAxis.map(({ axis, clocksHz }) => [axis, clocksHz[0]!])) as AxisClocks;
  const points = [pointOf('max', highest)];
  for (const { axis, clocksHz } of varied) {
    for (const hz of clocksHz.slice(1)) points.push(pointOf(nameOf(axis, hz), { ...highest, [axis]: hz }));
  }
  return spread(points, options.maxPoints);
}

/** Points for a machine without clocks that can be pinned: shares of the CPU's time. */
export function emulatedPoints({ maxPoints }: Pick<PointOptions, 'maxPoints'>): EdgeOperatingPoint[] {
  const points = EMULATED_SHARES.map((share) => ({
    name: `emulated-${String(Math.round(share * 100)).padStart(3, '0')}pct`,
    emulatedCpuShare: share,
  }));
  return spread(points, maxPoints);
}

/** The domain that reaches the highest clock; of several, the one of most CPUs. */
function biggest(domains: readonly FoundClock[]): FoundClock | undefined {
  const size = ({ highestHz = 0, cpus }: FoundClock) => highestHz * 1000 + cpus.length;
  return domains.reduce<FoundClock | undefined>(
    (best, domain) => (best === undefined || size(domain) > size(best) ? domain : best),
    undefined,
  );
}

/** Descending. */
function clocksOfDomain({ listedHz, lowestHz = 0, highestHz = 0 }: FoundClock): number[] {
  if (listedHz.length > 0) return [...listedHz].reverse();
  const step = (highestHz - lowestHz) / (STEPS - 1);
  const between = Array.from({ length: STEPS - 2 }, (_, i) => highestHz - (i + 1) * step);
  const rounded = between.map((hz) => Math.round(hz / STEP_UNIT_HZ) * STEP_UNIT_HZ);
  return [...new Set([highestHz, ...rounded, lowestHz])].sort((a, b) => b - a);
}

function pointOf(name: string, clocks: AxisClocks): EdgeOperatingPoint {
  const fields = Object.entries(clocks).map(([axis, hz]) => [POINT_FIELD[axis as ClockAxis], hz]);
  return { name, ...(Object.fromEntries(fields) as Record<string, number>) };
}

const nameOf = (axis: ClockAxis, hz: number) => `${axis}-${hz / 1e6}mhz`;

function spread<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.round((i * (items.length - 1)) / (count - 1))]!);
}
