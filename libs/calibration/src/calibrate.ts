/** Latency table -> one pruning ratio per operating point. Plain numbers in, plain numbers out. */
import { accuracyAt, checkAccuracies, type RatioAccuracy } from './accuracy-at.js';
import { isMet, type Aim, type CalibrationMode } from './aim.js';
import { CalibrationError } from './calibration-error.js';
import type { CalibrationPoint } from './calibration-point.js';
import { soonest, steadiest } from './choose-ratio.js';
import { explainMiss, type Miss } from './explain-miss.js';
import { fitFloors, type FloorAt } from './latency-floor.js';
import { candidateRatios, latencyRows, type LatencyRow } from './latency-row.js';
import { observationsOf, type CalibrationCell } from './latency-table.js';
import { mergeRatios, type MergedRatios } from './merge-ratios.js';
import { LatencyModel, lowerMs, upperMs } from './model/latency-model.js';
import { nearestFeasibleTarget, shortestDeadline } from './nearest-feasible-target.js';
import { predictablePoints } from './predictable-points.js';
import { reserveRatio } from './reserve-ratio.js';
import { stabilityOf, type Stability } from './stability.js';
import { ratioLimit, targetMs as targetMsOf, type CalibrationTarget } from './target.js';

export interface CalibrationInput {
  /** In the order wanted for the choices; those without a cell are predicted from their clocks. */
  readonly operatingPoints: readonly CalibrationPoint[];
  readonly cells: readonly CalibrationCell[];
  readonly target: CalibrationTarget;
  /** Relative distance from the target that still counts as met. */
  readonly tolerance: number;
  /** Default: `stable`. */
  readonly mode?: CalibrationMode;
  /** No larger ratio is chosen; default: the largest measured, or that of an `auto` target where that is smaller. */
  readonly maxRatio?: number;
  /** Different ratios to train at most, with 0 among them; default: as many as are chosen, and one more. */
  readonly maxTrainedRatios?: number;
  /** More cannot be trained: where so many are chosen, none is added; default: no limit. */
  readonly trainableRatios?: number;
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
  /** The point has no cell: its latencies are those between points that have. */
  interpolated?: true;
}

export interface CalibrationResult {
  targetMs: number;
  tolerance: number;
  mode: CalibrationMode;
  choices: CalibrationChoice[];
  /** Operating points without a choice: they have no cell, and clocks that the measured ones say nothing of. */
  unmeasuredPoints: string[];
  /** To be trained, ascending: 0, every chosen ratio, or merged one, and one beyond them, to which the slowest point can be moved. */
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
 * latency (under `deadline` in where its interval ends): plateaus and rising rows cost no accuracy. A point that cannot meet the
 * target gets the nearest it can reach, and why.
 * @throws CalibrationError for an unusable table, target, tolerance or limit
 */
export function calibrate(input: CalibrationInput): CalibrationResult {
  const { operatingPoints, cells, target, tolerance, mode = 'stable' } = input;
  checkLimits(input);
  const observed = observationsOf(operatingPoints, cells);
  checkDense(cells);
  const model = new LatencyModel(operatingPoints, observed);
  const isPredictable = predictablePoints(operatingPoints, cells);
  const ratios = candidateRatios(largestRatio(input));
  const rows = latencyRows(model, operatingPoints.length, ratios, false).filter(
    ({ point }) => isPredictable[point],
  );
  const aim: Aim = { targetMs: targetMsOf(target, rows), tolerance, mode };
  const floors = fitFloors(operatingPoints, observed);
  const choices = rows.map((row) => choiceOf(row, { input, aim, floor: floors[row.point]! }));
  const nearest = choices.every(({ feasible }) => feasible) ? undefined : nearestTarget(rows, aim);
  return {
    ...aim,
    choices,
    unmeasuredPoints: operatingPoints.filter((_, point) => !isPredictable[point]).map(({ name }) => name),
    ...(nearest !== undefined && { nearestFeasibleTargetMs: nearest }),
    ...scheduleOf(rows, choices, aim, input),
    stability: {
      dense: stabilityOf(choices.map(({ denseMs }) => denseMs)),
      calibrated: stabilityOf(choices.map(({ predictedMs }) => predictedMs)),
    },
  };
}

/** With fewer ratios to train there is none to spare for a point that has to be moved later. */
const FEWEST_WITH_RESERVE = 3;

function scheduleOf(
  rows: readonly LatencyRow[],
  choices: readonly CalibrationChoice[],
  aim: Aim,
  {
    maxTrainedRatios,
    trainableRatios = Infinity,
  }: Pick<CalibrationInput, 'maxTrainedRatios' | 'trainableRatios'>,
): Pick<CalibrationResult, 'ratios' | 'merged'> {
  const reserveBeyond = (ratios: readonly number[]) => reserveRatio(rows, ratios.at(-1)!, aim.targetMs) ?? [];
  const chosen = [...new Set([0, ...choices.map(({ ratio }) => ratio)])].sort((a, b) => a - b);
  if (maxTrainedRatios === undefined) {
    return { ratios: chosen.length < trainableRatios ? chosen.concat(reserveBeyond(chosen)) : chosen };
  }
  const merge = (most: number) => mergeRatios(rows, choices, { aim, maxTrainedRatios: most });
  if (maxTrainedRatios >= FEWEST_WITH_RESERVE) {
    const merged = merge(maxTrainedRatios - 1);
    const ratios = merged.ratios.concat(reserveBeyond(merged.ratios));
    const mergesNone = chosen.length < maxTrainedRatios;
    if (mergesNone || ratios.length > merged.ratios.length) return { ratios, merged };
  }
  const merged = merge(maxTrainedRatios);
  return { ratios: merged.ratios, merged };
}

const nearestTarget = (
  rows: readonly LatencyRow[],
  { targetMs, tolerance, mode }: Aim,
): number | undefined =>
  mode === 'stable' ? nearestFeasibleTarget(rows, targetMs, tolerance) : shortestDeadline(rows);

interface ChoiceContext {
  readonly input: CalibrationInput;
  readonly aim: Aim;
  readonly floor: FloorAt;
}

function choiceOf(row: LatencyRow, { input, aim, floor }: ChoiceContext): CalibrationChoice {
  const { targetMs, tolerance, mode } = aim;
  const { accuracies, operatingPoints } = input;
  const operatingPoint = operatingPoints[row.point]!.name;
  const { ratio } = mode === 'stable' ? steadiest(row.saving, targetMs, tolerance) : soonest(row, targetMs);
  const prediction = row.predict(ratio);
  const [predictedMs, predictedHighMs] = [prediction.ms, upperMs(prediction)];
  const feasible = isMet(aim, prediction);
  return {
    operatingPoint,
    ...{ ratio, predictedMs, predictedLowMs: lowerMs(prediction), predictedHighMs },
    slackMs: toNanoseconds(targetMs - (mode === 'stable' ? predictedMs : predictedHighMs)),
    denseMs: row.candidates[0]!.ms,
    ...(accuracies && { accuracy: accuracyAt(accuracies, ratio) }),
    feasible,
    ...(input.cells.every((cell) => cell.operatingPoint !== operatingPoint) && {
      interpolated: true as const,
    }),
    ...(!feasible && { miss: explainMiss({ row, chosen: { ratio, ms: predictedMs }, aim, floor }) }),
  };
}

/** What a difference of two latencies leaves below that is noise. */
const toNanoseconds = (ms: number): number => Math.round(ms * 1e6) / 1e6 + 0;

/** Dense latencies may be predicted, but not from pruned networks alone. */
function checkDense(cells: readonly CalibrationCell[]): void {
  if (cells.some(({ ratio }) => ratio === 0)) return;
  const known = [...new Set(cells.map(({ ratio }) => ratio))].sort((a, b) => a - b).join(', ');
  throw new CalibrationError(
    `cells: expected one of the dense network (ratio 0) at least, got ratios ${known}`,
  );
}

const largestRatio = ({ cells, target, maxRatio = 1 }: CalibrationInput): number =>
  Math.min(maxRatio, ratioLimit(target), Math.max(...cells.map(({ ratio }) => ratio)));

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
