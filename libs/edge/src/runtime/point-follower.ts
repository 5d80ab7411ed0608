import { CLOCK_AXES, clocksOf, type AxisClocks } from '../clocks/clock-axis.js';
import type { EdgeOperatingPoint } from '../operating-point.js';

export interface HysteresisOptions {
  /** Looks in a row that must find the same point; default 2. */
  readonly holdPolls?: number;
  /** From one change of the point to the next; default 300. */
  readonly minDwellMs?: number;
  /** How much nearer the clocks must be to another point than to the one in force, as a share of a clock; default 0.05. */
  readonly margin?: number;
}

/** A look at the clocks. */
export interface Look {
  readonly points: readonly EdgeOperatingPoint[];
  /** Name of the point in force. */
  readonly current: string;
  readonly clocks: AxisClocks;
  readonly atMs: number;
}

/** Decides, from one look to the next, when another operating point is in force: no flicker of a clock is followed. */
export class PointFollower {
  readonly #options: Required<HysteresisOptions>;
  #candidate: string | undefined;
  #looks = 0;
  #changedAtMs = -Infinity;

  constructor({ holdPolls = 2, minDwellMs = 300, margin = 0.05 }: HysteresisOptions = {}) {
    this.#options = { holdPolls, minDwellMs, margin };
  }

  /** Name of the point to change to; undefined where the one in force stays. */
  next({ points, current, clocks, atMs }: Look): string | undefined {
    const nearest = nearestPoint(points, clocks, { current, margin: this.#options.margin });
    this.#looks = nearest === this.#candidate ? this.#looks + 1 : 1;
    this.#candidate = nearest;
    const holds = this.#looks >= this.#options.holdPolls;
    const hasDwelt = atMs - this.#changedAtMs >= this.#options.minDwellMs;
    if (nearest === undefined || nearest === current || !holds || !hasDwelt) return undefined;
    this.#changedAtMs = atMs;
    return nearest;
  }
}

/**
 * The point whose clocks are nearest, by the ratio of the clock that is furthest off; the current one where no other is nearer
 * by the margin. Undefined where no point names a clock that was read.
 */
export function nearestPoint(
  points: readonly EdgeOperatingPoint[],
  clocks: AxisClocks,
  { current, margin }: { readonly current: string; readonly margin: number },
): string | undefined {
  const distances = points.flatMap((point) => {
    const distance = distanceOf(clocksOf(point), clocks);
    return distance === undefined ? [] : [{ name: point.name, distance }];
  });
  const [first] = distances.toSorted((a, b) => a.distance - b.distance);
  const ofCurrent = distances.find(({ name }) => name === current);
  if (!first || !ofCurrent) return first?.name;
  return first.distance + Math.log1p(margin) < ofCurrent.distance ? first.name : current;
}

/** |ln| of the ratio of clocks that both have, the largest of them. */
function distanceOf(point: AxisClocks, clocks: AxisClocks): number | undefined {
  const shared = CLOCK_AXES.flatMap((axis) => {
    const [wanted, found] = [point[axis], clocks[axis]];
    return wanted === undefined || found === undefined ? [] : [Math.abs(Math.log(found / wanted))];
  });
  return shared.length === 0 ? undefined : Math.max(...shared);
}
