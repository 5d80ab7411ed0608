import type { CalibrationMode } from './aim.js';
import type { CalibrationPoint } from './calibration-point.js';
import { nearest } from './choose-ratio.js';
import { candidateRatios, latencyRows, type LatencyRow } from './latency-row.js';
import { modelOf, type CalibrationCell } from './latency-table.js';
import { deadlineGoal, stableGoal, type Prospect, type VerificationGoal } from './verification-goal.js';

export interface VerificationInput {
  readonly operatingPoints: readonly CalibrationPoint[];
  /** Of proxies and, marked `learned`, of the trained network. Those of other points are passed over. */
  readonly cells: readonly CalibrationCell[];
  readonly targetMs: number;
  /** Relative distance from the target that still counts as met. */
  readonly tolerance: number;
  /** As the calibration had it: under `deadline` a point is held whose interval lies below the target. */
  readonly mode?: CalibrationMode;
  /** The largest that the trained network can be had at. */
  readonly largestRatio: number;
}

/** What is known of one operating point after training. */
export interface PointVerification {
  readonly operatingPoint: string;
  /** Of the trained networks measured there, the one to run: the nearest to the target, or the smallest that keeps the deadline; absent
   * where none was. */
  readonly best?: { readonly ratio: number; readonly measuredMs: number };
  /** Whether that one holds the target. */
  readonly held: boolean;
  /** The ratio to measure next; absent where the point is held well enough, or no ratio that is left is likely to hold it. */
  readonly nextRatio?: number;
}

/** A ratio less likely than this to hold the target is not measured for a point that misses it. */
const HOPE = 0.02;
/** The same for a point that holds it, if barely. */
const BETTER_HOPE = 0.15;

/**
 * Tells for every operating point whether the trained network holds the target there, and which ratio to measure next where
 * that is open: the one likeliest to hold it, or the smallest likely to keep the deadline, given all proxies and all trained networks measured at any point. Repeat with
 * those cells until there is no next ratio, or for as many rounds as there is time. Nothing is given up that was not measured.
 * @throws CalibrationError for unusable points or cells
 */
export function verifyPoints(input: VerificationInput): PointVerification[] {
  const { operatingPoints, targetMs, tolerance, mode = 'stable', largestRatio } = input;
  const names = new Set(operatingPoints.map(({ name }) => name));
  const cells = input.cells.filter(({ operatingPoint }) => names.has(operatingPoint));
  const model = modelOf(operatingPoints, cells);
  const rows = latencyRows(model, operatingPoints.length, candidateRatios(largestRatio), true);
  const goal = mode === 'stable' ? stableGoal(targetMs, tolerance) : deadlineGoal(targetMs);
  return rows.map((row) => {
    const { name } = operatingPoints[row.point]!;
    const measured = cells.filter((cell) => cell.operatingPoint === name && cell.learned);
    return { operatingPoint: name, ...verifyPoint(row, measured, goal, targetMs) };
  });
}

function verifyPoint(
  row: LatencyRow,
  measured: readonly CalibrationCell[],
  goal: VerificationGoal,
  targetMs: number,
): Omit<PointVerification, 'operatingPoint'> {
  const best = goal.best(measured);
  if (best === undefined) {
    const next = prospect(row, measured, goal, undefined) ?? nearest(row.saving, targetMs);
    return { held: false, nextRatio: next.ratio };
  }
  const held = goal.holds(best);
  const next = held && goal.isSafe(best) ? undefined : prospect(row, measured, goal, held ? best : undefined);
  const isWorthIt = next !== undefined && next.probability > (held ? BETTER_HOPE : HOPE);
  return {
    best: { ratio: best.ratio, measuredMs: best.p50Ms },
    held,
    ...(isWorthIt && { nextRatio: next.ratio }),
  };
}

/** Of the ratios not measured yet, the one to measure first; none where none can hold the target. */
function prospect(
  row: LatencyRow,
  measured: readonly CalibrationCell[],
  goal: VerificationGoal,
  held: CalibrationCell | undefined,
): Prospect | undefined {
  const open = row.candidates.filter(({ ratio }) => !measured.some((cell) => cell.ratio === ratio));
  const prospects = open.map(({ ratio }) => ({ ratio, probability: goal.probability(row.predict(ratio)) }));
  return goal.pick(prospects, held);
}
