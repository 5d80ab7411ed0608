import { CalibrationError } from './calibration-error.js';
import type { Candidate, LatencyRow } from './latency-row.js';

export type CalibrationTarget =
  /** A latency to hold. */
  | { readonly kind: 'latency'; readonly latencyMs: number }
  /** That of the fastest operating point at some ratio. */
  | { readonly kind: 'fastest-at-ratio'; readonly ratio: number }
  /** The one that leaves the least spread with no ratio above a limit, which the choices keep too. */
  | { readonly kind: 'auto'; readonly maxRatio: number };

/**
 * No larger ratio may be chosen for the target; 1 where it does not say.
 * @throws CalibrationError for a limit that is no ratio
 */
export function ratioLimit(target: CalibrationTarget): number {
  if (target.kind !== 'auto') return 1;
  const { maxRatio } = target;
  if (maxRatio > 0 && maxRatio < 1) return maxRatio;
  throw new CalibrationError(`target.maxRatio: ${maxRatio}, expected more than 0, less than 1`);
}

/**
 * @param rows of the ratios that may be chosen
 * @throws CalibrationError for a target that is no latency, or asks for a ratio that no cell is near
 */
export function targetMs(target: CalibrationTarget, rows: readonly LatencyRow[]): number {
  switch (target.kind) {
    case 'latency':
      if (target.latencyMs > 0 && Number.isFinite(target.latencyMs)) return target.latencyMs;
      throw new CalibrationError(`target.latencyMs: ${target.latencyMs}, expected a positive latency`);
    case 'fastest-at-ratio':
      return Math.min(...rows.map((row) => at(row, target.ratio)));
    case 'auto':
      return leastSpread(rows.map(({ saving }) => saving));
  }
}

function at({ candidates }: LatencyRow, ratio: number): number {
  const largest = candidates.at(-1)!.ratio;
  const above = candidates.findIndex((candidate) => candidate.ratio >= ratio - 1e-9);
  if (above < 0 || !(ratio >= 0)) {
    throw new CalibrationError(`target.ratio: ${ratio}, expected within the measured ratios 0 to ${largest}`);
  }
  const high = candidates[above]!;
  const low = candidates[Math.max(above - 1, 0)]!;
  if (high.ratio - low.ratio < 1e-9) return high.ms;
  const share = Math.min((ratio - low.ratio) / (high.ratio - low.ratio), 1);
  return low.ms + (high.ms - low.ms) * share;
}

/** How many latencies are tried between the smallest and the largest that any point reaches. */
const TRIED = 200;
/** Spreads that differ by less are the same: the slower target then keeps more of the network. */
const SAME_SPREAD = 1.005;

function leastSpread(rows: readonly (readonly Candidate[])[]): number {
  const fastest = Math.min(...rows.map((candidates) => candidates.at(-1)!.ms));
  const slowest = Math.max(...rows.map((candidates) => candidates[0]!.ms));
  const tried = Array.from({ length: TRIED }, (_, i) => fastest * (slowest / fastest) ** (i / (TRIED - 1)));
  const spreads = tried.map((ms) => spreadAt(rows, ms));
  const limit = Math.min(...spreads) * SAME_SPREAD;
  return tried[spreads.findLastIndex((spread) => spread <= limit)]!;
}

/** Largest over smallest latency when every point takes what is nearest to the target. */
function spreadAt(rows: readonly (readonly Candidate[])[], wanted: number): number {
  const chosen = rows.map((candidates) =>
    candidates.reduce(
      (best, { ms }) => (Math.abs(ms - wanted) < Math.abs(best - wanted) ? ms : best),
      Infinity,
    ),
  );
  return Math.max(...chosen) / Math.min(...chosen);
}
