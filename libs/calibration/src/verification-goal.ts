import type { CalibrationCell } from './latency-table.js';
import { medianInterval } from './median-error.js';
import type { Prediction } from './model/latency-model.js';
import { normalCdf } from './model/normal-cdf.js';

/** A ratio that was not measured yet, and how likely it is to hold the target. */
export interface Prospect {
  readonly ratio: number;
  readonly probability: number;
}

/** What verification is after at one operating point. */
export interface VerificationGoal {
  /** Of the measured cells, the one to run. */
  best(measured: readonly CalibrationCell[]): CalibrationCell | undefined;
  holds(cell: CalibrationCell): boolean;
  /** Whether nothing better than a cell that holds the target is looked for. */
  isSafe(cell: CalibrationCell): boolean;
  probability(prediction: Prediction): number;
  /**
   * Of ascending ratios, the one to measure first; none where none can hold the target.
   * @param held the cell that holds it already, where there is one
   */
  pick(prospects: readonly Prospect[], held?: CalibrationCell): Prospect | undefined;
}

/** A latency whose interval ends beyond this share of the tolerance is held, but a better ratio is looked for. */
const SAFE_SHARE = 0.9;
/** The smallest ratio that is so likely to meet a deadline is tried, not the likeliest of all, which is the largest. */
const LIKELY = 0.8;
const SMALLEST_ERROR = 1e-9;

/** As near to the target as possible. */
export function stableGoal(targetMs: number, tolerance: number): VerificationGoal {
  const off = (ms: number) => Math.abs(ms / targetMs - 1);
  const distance = ({ p50Ms }: CalibrationCell) => Math.abs(p50Ms - targetMs);
  return {
    best: (measured) => first(measured, (a, b) => distance(a) - distance(b)),
    holds: ({ p50Ms }) => off(p50Ms) <= tolerance,
    isSafe: (cell) => {
      const { lowMs, highMs } = medianInterval(cell);
      return Math.max(off(lowMs), off(highMs)) <= SAFE_SHARE * tolerance;
    },
    probability: (prediction) =>
      below(targetMs * (1 + tolerance), prediction) - below(targetMs * (1 - tolerance), prediction),
    pick: likeliest,
  };
}

/** The smallest ratio whose interval lies below the target. */
export function deadlineGoal(targetMs: number): VerificationGoal {
  const holds = (cell: CalibrationCell) => medianInterval(cell).highMs <= targetMs;
  return {
    best: (measured) =>
      first(measured.filter(holds), (a, b) => a.ratio - b.ratio) ??
      first(measured, (a, b) => a.p50Ms - b.p50Ms),
    holds,
    isSafe: ({ ratio }) => ratio === 0,
    probability: (prediction) => below(targetMs, prediction),
    pick: (prospects, held) => {
      const likely = prospects.find(({ probability }) => probability >= LIKELY);
      if (held === undefined) return likely ?? likeliest(prospects);
      return likely && likely.ratio < held.ratio ? likely : undefined;
    },
  };
}

const likeliest = (prospects: readonly Prospect[]): Prospect | undefined =>
  first(
    prospects.filter(({ probability }) => probability > 0),
    (a, b) => b.probability - a.probability,
  );

/** Of equals the earliest. */
const first = <T>(items: readonly T[], order: (a: T, b: T) => number): T | undefined =>
  items.toSorted(order)[0];

const below = (ms: number, prediction: Prediction): number =>
  normalCdf(Math.log(ms / prediction.ms) / Math.max(prediction.logError, SMALLEST_ERROR));
