/** Latency table -> one pruning ratio per operating point. Plain numbers in, plain numbers out. */
import { accuracyAt, checkAccuracies, type RatioAccuracy } from './accuracy-at.js';
import { CalibrationError } from './calibration-error.js';
import type { CalibrationPoint } from './calibration-point.js';
import { soonest, steadiest } from './choose-ratio.js';
import { explainMiss, type Miss } from './explain-miss.js';
import { fitFloors, type FloorAt } from './latency-floor.js';
import { candidateRatios, latencyRows, type Candidate, type LatencyRow } from './latency-row.js';
import { observationsOf, Z95, type CalibrationCell } from './latency-table.js';
import { mergeRatios, type MergedRatios } from './merge-ratios.js';
import { LatencyModel } from './model/latency-model.js';
import { nearestFeasibleTarget } from './nearest-feasible-target.js';
import { stabilityOf, type Stability } from './stability.js';
import { targetMs as targetMsOf, type CalibrationTarget } from './target.js';

export interface CalibrationInput {
  /** In the order wanted for the choices. */
  readonly operatingPoints: readonly CalibrationPoint[];
  readonly cells: readonly CalibrationCell[];
  readonly target: CalibrationTarget;
  /** Relative distance from the target that still counts as met. */
  readonly tolerance: number;
  /**
   * `stable` (default): as near to the target as possible; `deadline`: the smallest ratio whose latency stays below the
   * target, interval included.
   */
  readonly mode?: 'stable' | 'deadline';
  /** No larger ratio is chosen; default: the largest measured. */
  readonly maxRatio?: number;
  /** Different ratios to train at most, with 0 among them; default: as many as are chosen. */
  readonly maxTrainedRatios?: number;
  /** Where accuracies are known. */
  readonly accuracies?: readonly RatioAccuracy[];
}

export interface CalibrationChoice {
  operatingPoint: string;
  ratio: number;
  predictedMs: number;
  /** 95 % interval of the prediction. */
  predictedLowMs: number;
  predictedHighMs: number;
  /** Of the target, what the prediction leaves: in `deadline` mode its upper end. */
  slackMs: number;
  denseMs: number;
  /** Between the ratios that it is known of. */
  accuracy?: number;
  feasible: boolean;
  miss?: Miss;
}

export interface CalibrationResult {
  targetMs: number;
  tolerance: number;
  mode: 'stable' | 'deadline';
  choices: CalibrationChoice[];
  /** 0 and every chosen ratio, ascending. */
  ratios: number[];
  /** The nearest target that every point can hold, where this one is not and there is one. */
  nearestFeasibleTargetMs?: number;
  /** What training fewer ratios costs, where `maxTrainedRatios` asks for it. */
  merged?: MergedRatios;
  stability: { dense: Stability; calibrated: Stability };
}

/**
 * Chooses per operating point the ratio that holds the target, from predictions of a model of the whole table, so that
 * cells may be missing, noisy, stepped and not monotone. A choice is never a ratio that a smaller one equals or beats in
 * latency: plateaus and rising rows cost no accuracy. A point that cannot meet the target gets the nearest it can reach, and
 * why.
 * @throws CalibrationError for an unusable table, target, tolerance or limit
 */
export function calibrate(input: CalibrationInput): CalibrationResult {
  const { operatingPoints, cells, target, tolerance, mode = 'stable', maxTrainedRatios } = input;
  checkLimits(input);
  const observed = observationsOf(operatingPoints, cells);
  checkDense(cells);
  const model = new LatencyModel(operatingPoints, observed);
  const rows = latencyRows(model, operatingPoints.length, candidateRatios(largestRatio(input)), false);
  const targetMs = targetMsOf(target, rows);
  const floors = fitFloors(operatingPoints, observed);
  const choose = (row: LatencyRow) => choiceOf(row, { input, targetMs, floor: floors[row.point]! });
  const choices = rows.map(choose);
  const nearest = choices.every(({ feasible }) => feasible)
    ? undefined
    : nearestFeasibleTarget(rows, targetMs, tolerance);
  return {
    ...{ targetMs, tolerance, mode, choices },
    ratios: [...new Set([0, ...choices.map(({ ratio }) => ratio)])].sort((a, b) => a - b),
    ...(nearest !== undefined && { nearestFeasibleTargetMs: nearest }),
    ...(maxTrainedRatios !== undefined && {
      merged: mergeRatios(rows, choices, { targetMs, maxTrainedRatios }),
    }),
    stability: {
      dense: stabilityOf(choices.map(({ denseMs }) => denseMs)),
      calibrated: stabilityOf(choices.map(({ predictedMs }) => predictedMs)),
    },
  };
}

interface ChoiceContext {
  readonly input: CalibrationInput;
  readonly targetMs: number;
  readonly floor: FloorAt;
}

function choiceOf(row: LatencyRow, { input, targetMs, floor }: ChoiceContext): CalibrationChoice {
  const { tolerance, mode = 'stable', accuracies } = input;
  const { ratio } = mode === 'stable' ? steadiest(row.saving, targetMs, tolerance) : soonest(row, targetMs);
  const { ms: predictedMs, logError } = row.predict(ratio);
  const [predictedLowMs, predictedHighMs] = [-Z95, Z95].map((z) => predictedMs * Math.exp(z * logError)) as [
    number,
    number,
  ];
  const feasible =
    mode === 'stable'
      ? Math.abs(predictedMs - targetMs) <= tolerance * targetMs
      : predictedHighMs <= targetMs;
  const chosen: Candidate = { ratio, ms: predictedMs };
  return {
    operatingPoint: input.operatingPoints[row.point]!.name,
    ...{ ratio, predictedMs, predictedLowMs, predictedHighMs },
    slackMs: targetMs - (mode === 'stable' ? predictedMs : predictedHighMs),
    denseMs: row.candidates[0]!.ms,
    ...(accuracies && { accuracy: accuracyAt(accuracies, ratio) }),
    feasible,
    ...(!feasible && { miss: explainMiss({ row, chosen, targetMs, floor }) }),
  };
}

/** Dense latencies may be predicted, but not from pruned networks alone. */
function checkDense(cells: readonly CalibrationCell[]): void {
  if (cells.some(({ ratio }) => ratio === 0)) return;
  const known = [...new Set(cells.map(({ ratio }) => ratio))].sort((a, b) => a - b).join(', ');
  throw new CalibrationError(
    `cells: expected one of the dense network (ratio 0) at least, got ratios ${known}`,
  );
}

const largestRatio = ({ cells, maxRatio = 1 }: CalibrationInput): number =>
  Math.min(maxRatio, Math.max(...cells.map(({ ratio }) => ratio)));

function checkLimits({ tolerance, maxRatio, maxTrainedRatios, accuracies }: CalibrationInput): void {
  if (!(tolerance > 0 && tolerance <= 1)) {
    throw new CalibrationError(`tolerance: ${tolerance}, expected more than 0, at most 1`);
  }
  if (maxRatio !== undefined && !(maxRatio > 0 && maxRatio < 1)) {
    throw new CalibrationError(`maxRatio: ${maxRatio}, expected more than 0, less than 1`);
  }
  if (maxTrainedRatios !== undefined && !(Number.isInteger(maxTrainedRatios) && maxTrainedRatios >= 1)) {
    throw new CalibrationError(`maxTrainedRatios: ${maxTrainedRatios}, expected a whole number from 1`);
  }
  if (accuracies) checkAccuracies(accuracies);
}
