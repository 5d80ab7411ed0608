import { earliest } from './choose-ratio.js';
import type { LatencyRow } from './latency-row.js';

/** Targets, from and to. */
type Interval = readonly [low: number, high: number];

/** The target nearest to `wanted` that every point holds at some ratio; undefined where there is none. */
export function nearestFeasibleTarget(
  rows: readonly LatencyRow[],
  wanted: number,
  tolerance: number,
): number | undefined {
  const common = rows
    .map(({ saving }) =>
      targetsHeld(
        saving.map(({ ms }) => ms),
        tolerance,
      ),
    )
    .reduce((all, each) => intersect(all, each));
  const nearest = common.map(([low, high]) => Math.min(Math.max(wanted, low), high));
  if (nearest.length === 0) return undefined;
  const distance = (ms: number) => Math.abs(Math.log(ms / wanted));
  return nearest.reduce((best, each) => (distance(each) < distance(best) ? each : best));
}

/** The shortest deadline that every point keeps at some ratio, interval included. */
export const shortestDeadline = (rows: readonly LatencyRow[]): number =>
  Math.max(...rows.map((row) => earliest(row).highMs));

/** Targets that one of the latencies meets within the tolerance, as disjoint intervals, ascending. */
function targetsHeld(latenciesMs: readonly number[], tolerance: number): Interval[] {
  const merged: [number, number][] = [];
  for (const ms of [...latenciesMs].sort((a, b) => a - b)) {
    const [low, high]: Interval = [ms / (1 + tolerance), tolerance < 1 ? ms / (1 - tolerance) : Infinity];
    const last = merged.at(-1);
    if (last && low <= last[1]) last[1] = Math.max(last[1], high);
    else merged.push([low, high]);
  }
  return merged;
}

function intersect(a: readonly Interval[], b: readonly Interval[]): Interval[] {
  return a.flatMap(([low, high]) =>
    b.flatMap(([otherLow, otherHigh]): Interval[] => {
      const both: Interval = [Math.max(low, otherLow), Math.min(high, otherHigh)];
      return both[0] <= both[1] ? [both] : [];
    }),
  );
}
