import { ClockError } from '../clock-controller.js';
import type { EdgeOperatingPoint } from '../operating-point.js';
import type { EdgeProtocol } from './protocol.js';

/** One measurement to make: a network (by ratio) at an operating point. */
export interface EdgeCell {
  readonly index: number;
  readonly operatingPoint: string;
  readonly ratio: number;
}

/** What was measured so far, and what could be next. */
export interface MeasuringState {
  readonly remaining: readonly EdgeCell[];
  readonly measured: readonly { readonly cell: EdgeCell; readonly samplesMs: readonly number[] }[];
}

/** Which of the remaining cells is measured next; undefined when those measured are enough. */
export type NextCell = (state: MeasuringState) => EdgeCell | undefined;

export interface MeasurePlan {
  readonly operatingPoints: readonly EdgeOperatingPoint[];
  readonly cells: readonly EdgeCell[];
  readonly doneCells: readonly number[];
  readonly protocol: EdgeProtocol;
  /** The ONNX file of a ratio. */
  readonly fileOf: (ratio: number) => string;
  /** The order of `planOrder` unless another one is given. */
  readonly nextCell?: NextCell;
  /**
   * Told the indices of the cells that the reference cell has not confirmed yet, whenever they change: before such a cell
   * is handed over, and after all those that were measured again or marked.
   */
  readonly onUnverified?: (indices: readonly number[]) => void;
  /** Told how far the reference cell is from what it was, each time the device is left alone for that. */
  readonly onDrift?: (change: number) => void;
  /** Told when it has been left alone for long enough, and is measured again. */
  readonly onRested?: () => void;
}

/** Takes the cells in the order in which they come. */
export const firstRemaining: NextCell = ({ remaining }) => remaining[0];

/**
 * The cells still to do, by operating point, since moving a clock costs more than loading a network.
 * Within a point the ratios come interleaved (1st, 3rd, 5th, ... then 2nd, 4th, ...): a machine that warms up meanwhile
 * then shows as noise between neighbours, not as latency that grows with the ratio.
 * @throws ClockError for a cell of an unknown operating point.
 */
export function planOrder(
  points: readonly EdgeOperatingPoint[],
  cells: readonly EdgeCell[],
  doneCells: readonly number[],
): EdgeCell[] {
  const stray = cells.find((cell) => points.every((point) => point.name !== cell.operatingPoint));
  if (stray)
    throw new ClockError(`cell ${stray.index}: there is no operating point "${stray.operatingPoint}"`);
  return points.flatMap((point) => {
    const atPoint = cells.filter(
      (cell) => cell.operatingPoint === point.name && !doneCells.includes(cell.index),
    );
    return interleaved(atPoint.sort((a, b) => a.ratio - b.ratio));
  });
}

/** The reference cell, measured again and again to tell whether the device changes: first point, least pruned. */
export function referenceCell({ operatingPoints, cells }: MeasurePlan): EdgeCell {
  const first = operatingPoints[0]?.name;
  const atFirst = cells.filter((cell) => cell.operatingPoint === first);
  return (atFirst.length > 0 ? atFirst : cells).reduce((a, b) => (b.ratio < a.ratio ? b : a));
}

function interleaved<T>(items: readonly T[]): T[] {
  return [...items.filter((_, i) => i % 2 === 0), ...items.filter((_, i) => i % 2 === 1)];
}
