import { CalibrationError } from './calibration-error.js';
import type { CalibrationPoint } from './calibration-point.js';
import { medianError, type KnownMedian } from './median-error.js';
import { LatencyModel, type Observation } from './model/latency-model.js';

/** One measured cell: the median latency of one ratio's network at one operating point. */
export interface CalibrationCell extends KnownMedian {
  readonly operatingPoint: string;
  readonly ratio: number;
  /** Whether the trained network was measured; default: a proxy of uniform widths was. */
  readonly learned?: boolean;
}

/**
 * What a table's cells are to the model. Latencies may rise with the ratio and cells may be missing.
 * @throws CalibrationError for no point or one given twice, a cell of an unknown point, a cell given twice, a ratio outside
 * [0, 1) or a latency that is not positive
 */
export function observationsOf(
  points: readonly CalibrationPoint[],
  cells: readonly CalibrationCell[],
): Observation[] {
  checkPoints(points);
  if (cells.length === 0) throw new CalibrationError('cells: expected at least one measured cell, got none');
  const indexOf = new Map(points.map(({ name }, i) => [name, i]));
  const seen = new Set<string>();
  return cells.map((cell, i) => {
    const { ratio, p50Ms, learned = false } = checked(cell, i);
    const point = indexOf.get(cell.operatingPoint);
    if (point === undefined) throw unknownPoint(cell, i, points);
    const key = `${point} ${ratio} ${learned}`;
    if (seen.has(key)) {
      throw new CalibrationError(
        `cells[${i}]: operating point "${cell.operatingPoint}" has two cells of ratio ${ratio}, expected one`,
      );
    }
    seen.add(key);
    return { point, ratio, learned, p50Ms, relativeError: medianError(cell) };
  });
}

/** @throws CalibrationError as `observationsOf` does */
export function modelOf(
  points: readonly CalibrationPoint[],
  cells: readonly CalibrationCell[],
): LatencyModel {
  return new LatencyModel(points, observationsOf(points, cells));
}

function checkPoints(points: readonly CalibrationPoint[]): void {
  if (points.length === 0) throw new CalibrationError('operatingPoints: expected at least one, got none');
  const names = points.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new CalibrationError(`operatingPoints: "${twice}" is given twice`);
  for (const { name, clocks } of points) {
    for (const [clock, value] of Object.entries(clocks ?? {})) {
      if (value > 0 && Number.isFinite(value)) continue;
      throw new CalibrationError(`operatingPoints "${name}".${clock}: ${value}, expected a positive clock`);
    }
  }
}

function checked(cell: CalibrationCell, index: number): CalibrationCell {
  const { ratio, p50Ms } = cell;
  if (!(ratio >= 0 && ratio < 1)) {
    throw new CalibrationError(`cells[${index}].ratio: ${ratio}, expected 0 up to below 1`);
  }
  if (!(p50Ms > 0 && Number.isFinite(p50Ms))) {
    throw new CalibrationError(`cells[${index}].p50Ms: ${p50Ms}, expected a positive latency`);
  }
  return cell;
}

function unknownPoint(
  { operatingPoint }: CalibrationCell,
  index: number,
  points: readonly CalibrationPoint[],
): CalibrationError {
  const known = points.map(({ name }) => name).join(', ');
  return new CalibrationError(
    `cells[${index}].operatingPoint: "${operatingPoint}", expected one of ${known}`,
  );
}
