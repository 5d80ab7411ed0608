import { CalibrationError } from './calibration-error.js';

/** One measured cell: the median latency of one ratio's network at one operating point. */
export interface CalibrationCell {
  readonly operatingPoint: string;
  readonly ratio: number;
  readonly p50Ms: number;
}

/** Latency over pruning ratio at one operating point, linear between the measured ratios. */
export interface LatencyCurve {
  readonly operatingPoint: string;
  readonly denseMs: number;
  readonly largestRatio: number;
  /** @throws RangeError outside 0..largestRatio: nothing was measured there. */
  at(ratio: number): number;
}

/**
 * One curve per operating point. Latencies may rise with the ratio (real devices do that) and ratios may be missing.
 * @throws CalibrationError for a point without its dense cell, a cell of an unknown point, a cell given twice or a
 * latency that is not positive.
 */
export function latencyCurves(
  cells: readonly CalibrationCell[],
  operatingPoints: readonly string[],
): LatencyCurve[] {
  if (operatingPoints.length === 0)
    throw new CalibrationError('operatingPoints: expected at least one, got none');
  const repeated = operatingPoints.find((point, i) => operatingPoints.indexOf(point) !== i);
  if (repeated !== undefined) throw new CalibrationError(`operatingPoints: "${repeated}" is given twice`);
  cells.forEach((cell, i) => checkCell(cell, i, operatingPoints));
  return operatingPoints.map((point) =>
    curveOf(
      point,
      cells.filter((cell) => cell.operatingPoint === point),
    ),
  );
}

function checkCell(cell: CalibrationCell, index: number, operatingPoints: readonly string[]): void {
  const field = `cells[${index}]`;
  if (!operatingPoints.includes(cell.operatingPoint)) {
    const known = operatingPoints.join(', ');
    throw new CalibrationError(`${field}.operatingPoint: "${cell.operatingPoint}", expected one of ${known}`);
  }
  if (!(cell.ratio >= 0 && cell.ratio < 1)) {
    throw new CalibrationError(`${field}.ratio: ${cell.ratio}, expected 0 up to below 1`);
  }
  if (!(cell.p50Ms > 0 && Number.isFinite(cell.p50Ms))) {
    throw new CalibrationError(`${field}.p50Ms: ${cell.p50Ms}, expected a positive latency`);
  }
}

function curveOf(operatingPoint: string, cells: readonly CalibrationCell[]): LatencyCurve {
  const sorted = [...cells].sort((a, b) => a.ratio - b.ratio);
  const dense = sorted[0];
  if (dense?.ratio !== 0) {
    throw new CalibrationError(
      `operating point "${operatingPoint}" has no cell of the dense network (ratio 0)`,
    );
  }
  const twice = sorted.find((cell, i) => i > 0 && cell.ratio === sorted[i - 1]!.ratio);
  if (twice) {
    throw new CalibrationError(`operating point "${operatingPoint}" has two cells of ratio ${twice.ratio}`);
  }
  const largestRatio = sorted.at(-1)!.ratio;
  return {
    operatingPoint,
    denseMs: dense.p50Ms,
    largestRatio,
    at: (ratio) => interpolate(sorted, ratio),
  };
}

function interpolate(sorted: readonly CalibrationCell[], ratio: number): number {
  const above = sorted.findIndex((cell) => cell.ratio >= ratio);
  const high = sorted[above];
  if (!high || ratio < 0) {
    throw new RangeError(`ratio ${ratio} lies outside the measured 0..${sorted.at(-1)!.ratio}`);
  }
  if (high.ratio === ratio) return high.p50Ms;
  const low = sorted[above - 1]!;
  return low.p50Ms + ((high.p50Ms - low.p50Ms) * (ratio - low.ratio)) / (high.ratio - low.ratio);
}
