import type { EdgeOperatingPoint } from '../operating-point.js';

/** An operating point and the ratio that a deployment runs there. */
export interface RuntimePoint extends EdgeOperatingPoint {
  readonly ratio: number;
}

/** @throws RangeError naming the field, what it holds and what is expected. */
export function checkPoints(points: readonly RuntimePoint[], ratios: readonly number[]): void {
  if (points.length === 0) throw new RangeError('points: none, expected one operating point at least');
  points.forEach(({ name, ratio }, index) => {
    if (points.findIndex((point) => point.name === name) < index) {
      throw new RangeError(`points[${index}].name: "${name}", expected a name that no other point has`);
    }
    if (!ratios.includes(ratio)) {
      throw new RangeError(
        `points[${index}].ratio: ${ratio}, expected one of the bundle's and its addenda's: ${ratios.join(', ')}`,
      );
    }
  });
}

/** @throws RangeError naming the points that there are. */
export function pointNamed(points: readonly RuntimePoint[], name: string): RuntimePoint {
  const point = points.find((candidate) => candidate.name === name);
  if (point) return point;
  const known = points.map((candidate) => candidate.name).join(', ');
  throw new RangeError(`operating point "${name}": expected one of ${known}`);
}
