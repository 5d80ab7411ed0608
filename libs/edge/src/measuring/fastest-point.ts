import { CLOCK_AXES, clocksOf } from '../clocks/clock-axis.js';
import type { EdgeOperatingPoint } from '../operating-point.js';

/** The first point that no other one beats; where each is beaten by another, the first of all. There is at least one. */
export function fastestPoint(points: readonly EdgeOperatingPoint[]): EdgeOperatingPoint {
  return points.find((point) => points.every((other) => !beats(other, point))) ?? points[0]!;
}

/** Of the clocks that both points name none is lower and one is higher. Clocks that only one names tell nothing. */
function beats(point: EdgeOperatingPoint, other: EdgeOperatingPoint): boolean {
  const [clocks, others] = [clocksOf(point), clocksOf(other)];
  const differences = CLOCK_AXES.flatMap((axis) => {
    const [hz, otherHz] = [clocks[axis], others[axis]];
    return hz === undefined || otherHz === undefined ? [] : [hz - otherHz];
  });
  return differences.every((hz) => hz >= 0) && differences.some((hz) => hz > 0);
}
