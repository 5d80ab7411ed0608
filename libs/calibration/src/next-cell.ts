import type { Aim, CalibrationMode } from './aim.js';
import type { CalibrationPoint } from './calibration-point.js';
import { nearest, soonest } from './choose-ratio.js';
import { candidateRatios, latencyRows, type Candidate, type LatencyRow } from './latency-row.js';
import { modelOf, type CalibrationCell } from './latency-table.js';
import { lowerMs, upperMs, Z95, type LatencyModel } from './model/latency-model.js';
import type { Place } from './model/place.js';
import { ratioLimit, targetMs as targetMsOf, type CalibrationTarget } from './target.js';

export interface NextCellInput {
  readonly operatingPoints: readonly CalibrationPoint[];
  /** That can be measured, ascending from 0. */
  readonly ratios: readonly number[];
  /** Measured so far. */
  readonly cells: readonly CalibrationCell[];
  readonly target: CalibrationTarget;
  /** Relative distance from the target that still counts as met. */
  readonly tolerance: number;
  /** As the calibration will have it; default: `stable`. */
  readonly mode?: CalibrationMode;
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
  const { operatingPoints, ratios, cells, tolerance, target, mode = 'stable' } = input;
  const model = modelOf(operatingPoints, cells);
  const largest = Math.min(ratios.at(-1)!, ratioLimit(target));
  const rows = latencyRows(model, operatingPoints.length, candidateRatios(largest), false);
  const aim = { targetMs: targetMsOf(target, rows), tolerance, mode };
  const unsettled = rows.flatMap((row) => {
    const { ratio } = choiceOf(row, aim);
    return isSettled(row, ratio, aim) ? [] : [{ point: row.point, ratio, learned: false }];
  });
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

const choiceOf = (row: LatencyRow, { targetMs, mode }: Aim): Candidate =>
  mode === 'stable' ? nearest(row.saving, targetMs) : soonest(row, targetMs);

/**
 * Whether the choice is known well enough, or to miss the target whatever is measured; or is the dense network, known to meet
 * the deadline.
 */
function isSettled(row: LatencyRow, ratio: number, { targetMs, tolerance, mode }: Aim): boolean {
  const prediction = row.predict(ratio);
  const half = Z95 * prediction.logError;
  if (half <= KNOWN_SHARE * tolerance) return true;
  if (mode === 'stable') return Math.abs(Math.log(prediction.ms / targetMs)) - half > Math.log1p(tolerance);
  return lowerMs(prediction) > targetMs || (ratio === 0 && upperMs(prediction) <= targetMs);
}

interface CellGain {
  /** Variance of log latency that measuring the cell takes away, summed over the unsettled choices. */
  readonly gain: number;
  /** The same of the choice that gains most. */
  readonly largest: number;
}

function gainsOf(model: LatencyModel, choices: readonly Place[], open: readonly Place[]): CellGain[] {
  return model.covariances(open, choices).map(({ variance, covariances }) => {
    const measured = variance + EXPECTED_ERROR ** 2;
    const gains = covariances.map((covariance) => covariance ** 2 / measured);
    return { gain: gains.reduce((sum, gain) => sum + gain, 0), largest: Math.max(0, ...gains) };
  });
}
