import type { CalibrationPoint } from '../calibration-point.js';
import { LENGTH } from './prior.js';

/** What pairs of operating points have in common, each [points, points], row by row. */
export interface PointLikeness {
  /** Product of their log clocks, summed over the clocks. */
  readonly clockProduct: Float64Array;
  /** 1 for the same clocks, less for others; 0 between points of which one names no clock. */
  readonly likeness: Float64Array;
}

export function pointLikeness(points: readonly CalibrationPoint[]): PointLikeness {
  const logClocks = centredLogClocks(points);
  const clockProduct = new Float64Array(points.length ** 2);
  const likeness = new Float64Array(points.length ** 2);
  for (let a = 0; a < points.length; a++) {
    for (let b = 0; b < points.length; b++) {
      const pair = a * points.length + b;
      clockProduct[pair] = productOf(logClocks[a]!, logClocks[b]!);
      const known = points[a]!.clocks !== undefined && points[b]!.clocks !== undefined;
      likeness[pair] = a === b ? 1 : known ? Math.exp(-distanceOf(logClocks[a]!, logClocks[b]!) / 2) : 0;
    }
  }
  return { clockProduct, likeness };
}

const productOf = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, log, i) => sum + log * b[i]!, 0);

const distanceOf = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, log, i) => sum + ((log - b[i]!) / LENGTH.logClock) ** 2, 0);

/** By point, logarithms of its clocks around their mean over the points; 0 for a clock that it does not name. */
function centredLogClocks(points: readonly CalibrationPoint[]): number[][] {
  const names = [...new Set(points.flatMap(({ clocks }) => Object.keys(clocks ?? {})))];
  const columns = names.map((name) => {
    const clocks = points.map((point) => point.clocks?.[name]);
    const logs = clocks.filter((clock) => clock !== undefined).map(Math.log);
    const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
    return clocks.map((clock) => (clock === undefined ? 0 : Math.log(clock) - mean));
  });
  return points.map((_, point) => columns.map((column) => column[point]!));
}
