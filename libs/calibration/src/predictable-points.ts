import type { CalibrationPoint } from './calibration-point.js';

/**
 * Whether latencies can be predicted at each point: it was measured, or points that name the same clocks were, and each of its
 * clocks had two values there at least, or its own.
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
        const values = new Set(alike.map((other) => other.clocks![clock]));
        return values.size > 1 || values.has(value);
      })
    );
  });
}

const clockNames = ({ clocks = {} }: CalibrationPoint): string => Object.keys(clocks).sort().join(' ');
