import { ClockError } from './clock-controller.js';
import type { EdgeOperatingPoint } from './operating-point.js';

/** One measurement to make: a network (by ratio) at an operating point. */
export interface EdgeCell {
  readonly index: number;
  readonly operatingPoint: string;
  readonly ratio: number;
}

export interface CellsAtPoint {
  readonly point: EdgeOperatingPoint;
  readonly cells: readonly EdgeCell[];
}

/**
 * The cells still to do, grouped by operating point, since moving a clock costs more than loading a network.
 * Within a point the ratios come interleaved (1st, 3rd, 5th, ... then 2nd, 4th, ...): a machine that warms up meanwhile
 * then shows as noise between neighbours, not as latency that grows with the ratio.
 * @throws ClockError for a cell of an unknown operating point.
 */
export function planOrder(
  points: readonly EdgeOperatingPoint[],
  cells: readonly EdgeCell[],
  doneCells: readonly number[],
): CellsAtPoint[] {
  const stray = cells.find((cell) => points.every((point) => point.name !== cell.operatingPoint));
  if (stray)
    throw new ClockError(`cell ${stray.index}: there is no operating point "${stray.operatingPoint}"`);
  return points
    .map((point) => ({
      point,
      cells: interleaved(
        cells
          .filter((cell) => cell.operatingPoint === point.name && !doneCells.includes(cell.index))
          .sort((a, b) => a.ratio - b.ratio),
      ),
    }))
    .filter((group) => group.cells.length > 0);
}

function interleaved<T>(items: readonly T[]): T[] {
  return [...items.filter((_, i) => i % 2 === 0), ...items.filter((_, i) => i % 2 === 1)];
}
