import type { CalibrationPoint } from './calibration-point.js';
import { nearest } from './choose-ratio.js';
import { candidateRatios, latencyRows, type LatencyRow } from './latency-row.js';
import { modelOf, Z95, type CalibrationCell } from './latency-table.js';
import type { LatencyModel } from './model/latency-model.js';
import { isSamePlace, type Place } from './model/place.js';
import { targetMs, type CalibrationTarget } from './target.js';

export interface NextCellInput {
  readonly operatingPoints: readonly CalibrationPoint[];
  /** That can be measured, ascending from 0. */
  readonly ratios: readonly number[];
  /** Measured so far. */
  readonly cells: readonly CalibrationCell[];
  readonly target: CalibrationTarget;
  /** Relative distance from the target that still counts as met. */
  readonly tolerance: number;
}

export interface GridCell {
  readonly operatingPoint: string;
  readonly ratio: number;
}

/** A point's choice is settled when its latency is known to this share of the tolerance, at 95 %. */
const KNOWN_SHARE = 0.5;
/** A cell is not worth measuring if it moves no point's latency by more than this share of the tolerance. */
const WORTH_SHARE = 0.3;
/** Of a cell that is still to be measured. */
const EXPECTED_ERROR = 0.005;

/**
 * The cell to measure next: the one that tells most about the latencies of the ratios that would be chosen now. Every
 * operating point gets at least one cell.
 * @returns undefined when every point's choice is settled, or when all is measured
 * @throws CalibrationError for unusable cells, points or target
 */
export function nextCell(input: NextCellInput): GridCell | undefined {
  const { operatingPoints, ratios, cells } = input;
  const named = ({ point, ratio }: Place): GridCell => {
    return { operatingPoint: operatingPoints[point]!.name, ratio };
  };
  const measured = cells.map(({ operatingPoint, ratio }) => ({ operatingPoint, ratio }));
  const isOpen = (place: Place) => {
    const cell = named(place);
    return !measured.some((each) => each.operatingPoint === cell.operatingPoint && each.ratio === cell.ratio);
  };
  const corner = corners(operatingPoints, ratios).find(isOpen);
  if (corner) return named(corner);
  const open = operatingPoints
    .flatMap((_, point) => ratios.map((ratio) => ({ point, ratio, learned: false })))
    .filter(isOpen);
  const best = mostTelling(input, open);
  return best && named(best);
}

/** Fastest and slowest point by their clocks, dense and at the largest ratio: what lies between them is interpolated. */
function corners(points: readonly CalibrationPoint[], ratios: readonly number[]): Place[] {
  const speeds = points.map(({ clocks }) =>
    Object.values(clocks ?? {}).reduce((sum, clock) => sum + Math.log(clock), 0),
  );
  const fastest = speeds.indexOf(Math.max(...speeds));
  const slowest = speeds.lastIndexOf(Math.min(...speeds));
  return [0, ratios.at(-1)!].flatMap((ratio) =>
    [fastest, slowest].map((point) => ({ point, ratio, learned: false })),
  );
}

function mostTelling(input: NextCellInput, open: readonly Place[]): Place | undefined {
  const { operatingPoints, ratios, cells, tolerance, target } = input;
  const model = modelOf(operatingPoints, cells);
  const rows = latencyRows(model, operatingPoints.length, candidateRatios(ratios.at(-1)!), false);
  const wanted = targetMs(target, rows);
  const unsettled = rows
    .filter((row) => !isSettled(row, wanted, tolerance))
    .map((row) => choiceOf(row, wanted));
  const lonely = operatingPoints.flatMap(({ name }, point) =>
    cells.some((cell) => cell.operatingPoint === name) ? [] : [point],
  );
  const gains = gainsOf(model, unsettled, open);
  const worth = ({ gain, largest }: CellGain, place: Place) =>
    largest >= (WORTH_SHARE * tolerance) ** 2 || lonely.includes(place.point) ? gain : 0;
  let best: { place: Place; value: number } | undefined;
  open.forEach((place, i) => {
    const value = worth(gains[i]!, place);
    if (value > (best?.value ?? 0)) best = { place, value };
  });
  return best?.place ?? open.find(({ point }) => lonely.includes(point));
}

const choiceOf = (row: LatencyRow, wanted: number): Place => {
  return { point: row.point, ratio: nearest(row.saving, wanted).ratio, learned: false };
};

/** Whether the choice is known well enough, or far enough from the target that it is known to miss it. */
function isSettled(row: LatencyRow, wanted: number, tolerance: number): boolean {
  const { ms, logError } = row.predict(nearest(row.saving, wanted).ratio);
  const half = Z95 * logError;
  const misses = Math.abs(Math.log(ms / wanted)) - half > Math.log1p(tolerance);
  return half <= KNOWN_SHARE * tolerance || misses;
}

interface CellGain {
  /** Variance of log latency that measuring the cell takes away, summed over the unsettled choices. */
  readonly gain: number;
  /** The same of the choice that gains most. */
  readonly largest: number;
}

function gainsOf(model: LatencyModel, choices: readonly Place[], open: readonly Place[]): CellGain[] {
  return model.covariances(open, choices).map(({ variance, covariances }, i) => {
    const measured = variance + EXPECTED_ERROR ** 2;
    const gains = choices.map((choice, j) => {
      const covariance = isSamePlace(open[i]!, choice) ? measured : covariances[j]!;
      return covariance ** 2 / measured;
    });
    return { gain: gains.reduce((sum, gain) => sum + gain, 0), largest: Math.max(0, ...gains) };
  });
}
