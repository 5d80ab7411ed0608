import type { CalibrationPoint } from './calibration-point.js';
import { candidateRatios, latencyRows, type Candidate, type LatencyRow } from './latency-row.js';
import { modelOf, type CalibrationCell } from './latency-table.js';

export interface VerificationInput {
  readonly operatingPoints: readonly CalibrationPoint[];
  /** Of proxies and, marked `learned`, of the trained network. */
  readonly cells: readonly CalibrationCell[];
  readonly targetMs: number;
  /** Relative distance from the target that still counts as met. */
  readonly tolerance: number;
  /** The largest that the trained network can be had at. */
  readonly largestRatio: number;
}

/** What is known of one operating point after training. */
export interface PointVerification {
  readonly operatingPoint: string;
  /**
   * `measure`: the network of this ratio should be measured here next; `held`: the measured latency of this ratio is the
   * target's; `missed`: none that is left to measure is likely to be, and this is the nearest that was measured.
   */
  readonly outcome: 'measure' | 'held' | 'missed';
  readonly ratio: number;
  /** Absent for `measure`. */
  readonly measuredMs?: number;
}

/** A latency whose interval ends beyond this share of the tolerance is held, but a better ratio is looked for. */
const SAFE_SHARE = 0.9;
/** A ratio less likely than this to hold the target is not measured for a point that misses it. */
const HOPE = 0.02;
/** The same for a point that holds it, if barely. */
const BETTER_HOPE = 0.15;
/** Networks measured at one point at most. */
const TRIES = 10;

/**
 * Tells for every operating point whether the trained network holds the target there, and which ratio to measure next where
 * that is open: the one likeliest to hold it, given all proxies and all trained networks measured at any point. Repeat with
 * those cells until no outcome is `measure`.
 * @throws CalibrationError for unusable points or cells
 */
export function verifyPoints(input: VerificationInput): PointVerification[] {
  const { operatingPoints, cells, largestRatio } = input;
  const model = modelOf(operatingPoints, cells);
  const rows = latencyRows(model, operatingPoints.length, candidateRatios(largestRatio), true);
  return rows.map((row) => verifyPoint(operatingPoints[row.point]!.name, row, input));
}

function verifyPoint(name: string, row: LatencyRow, input: VerificationInput): PointVerification {
  const { cells, targetMs, tolerance } = input;
  const measured = cells.filter(({ operatingPoint, learned }) => operatingPoint === name && learned);
  const best = closest(measured, targetMs);
  const holds = best !== undefined && Math.abs(best.p50Ms / targetMs - 1) <= tolerance;
  const next = measured.length < TRIES ? likeliest(row, measured, input) : undefined;
  const isSafe = best !== undefined && farEnd(best, targetMs) <= SAFE_SHARE * tolerance;
  if (next && !isSafe && next.probability > (holds ? BETTER_HOPE : HOPE)) {
    return { operatingPoint: name, outcome: 'measure', ratio: next.ratio };
  }
  if (best === undefined) {
    // Hopeless from the start, but nothing is called missed that was not measured.
    return { operatingPoint: name, outcome: 'measure', ratio: nearestOf(row, targetMs).ratio };
  }
  const { ratio, p50Ms } = best;
  return { operatingPoint: name, outcome: holds ? 'held' : 'missed', ratio, measuredMs: p50Ms };
}

function closest(measured: readonly CalibrationCell[], targetMs: number): CalibrationCell | undefined {
  const distance = ({ p50Ms }: CalibrationCell) => Math.abs(p50Ms - targetMs);
  return measured.reduce<CalibrationCell | undefined>(
    (best, each) => (best === undefined || distance(each) < distance(best) ? each : best),
    undefined,
  );
}

/** Relative distance from the target of the end of the cell's interval that is farther from it. */
function farEnd({ p50Ms, p50LowMs = p50Ms, p50HighMs = p50Ms }: CalibrationCell, targetMs: number): number {
  return Math.max(Math.abs(p50LowMs / targetMs - 1), Math.abs(p50HighMs / targetMs - 1));
}

const nearestOf = ({ saving }: LatencyRow, targetMs: number): Candidate =>
  saving.reduce((best, each) => (Math.abs(each.ms - targetMs) < Math.abs(best.ms - targetMs) ? each : best));

/** The ratio not measured yet that holds the target with the highest probability. */
function likeliest(
  row: LatencyRow,
  measured: readonly CalibrationCell[],
  { targetMs, tolerance }: VerificationInput,
): { ratio: number; probability: number } | undefined {
  let best: { ratio: number; probability: number } | undefined;
  for (const { ratio, ms } of row.candidates) {
    if (measured.some((cell) => cell.ratio === ratio)) continue;
    const { logError } = row.predict(ratio);
    const low = Math.log((targetMs * (1 - tolerance)) / ms) / Math.max(logError, 1e-9);
    const high = Math.log((targetMs * (1 + tolerance)) / ms) / Math.max(logError, 1e-9);
    const probability = normalCdf(high) - normalCdf(low);
    if (probability > (best?.probability ?? 0)) best = { ratio, probability };
  }
  return best;
}

/** Abramowitz and Stegun 7.1.26 through the error function: off by at most 1.5e-7. */
function normalCdf(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const series =
    ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  const tail = (series * Math.exp(-x * x)) / 2;
  return z > 0 ? 1 - tail : tail;
}
