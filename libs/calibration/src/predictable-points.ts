import type { CalibrationPoint } from './calibration-point.js';

/**
 * Whether latencies can be predicted at each point: it was measured, or points that name the same clocks were, and each of its
 * clocks lies between two of theirs, or had its own value there.
 */
export function predictablePoints(
  points: readonly CalibrationPoint[],
  cells: readonly { readonly operatingPoint: string }[],
): boolean[] {
  const names = new Set(cells.map(({ operatingPoint }) => operatingPoint));
  const measured = points.filter(({ name }) => names.has(name));
  return points.map((point) => {
    if (names.has(point.name)) return true;
    const clocks = Object.entries(point.clocks ?? {});
    const alike = measured.filter((other) => clockNames(other) === clockNames(point));
    return (
      clocks.length > 0 &&
      clocks.every(([clock, value]) => {
        const values = alike.map((other) => other.clocks![clock]!);
        return Math.min(...values) <= value && value <= Math.max(...values);
      })
    );
  });
}

const clockNames = ({ clocks = {} }: CalibrationPoint): string => Object.keys(clocks).sort().join(' ');
