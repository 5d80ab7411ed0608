import type { Candidate, LatencyRow } from './latency-row.js';
import { Z95 } from './latency-table.js';

/** Distances from the target that differ by less than this share of the tolerance are the same: noise, not saving. */
const SAME_DISTANCE = 0.1;

/** The candidate whose latency is nearest to the target; of equals the smallest ratio. */
export function nearest(candidates: readonly Candidate[], wanted: number): Candidate {
  const distance = ({ ms }: Candidate) => Math.abs(ms - wanted);
  return candidates.reduce((best, each) => (distance(each) < distance(best) ? each : best));
}

/**
 * The candidate for a latency that is to stay the same: the smallest ratio of those about as near to the target as the
 * nearest one, but none that misses it where another meets it.
 */
export function steadiest(candidates: readonly Candidate[], wanted: number, tolerance: number): Candidate {
  const distance = ({ ms }: Candidate) => Math.abs(ms - wanted);
  const shortest = distance(nearest(candidates, wanted));
  const limit = shortest + SAME_DISTANCE * tolerance * wanted;
  const allowed = tolerance * wanted;
  const reach = shortest <= allowed ? Math.min(limit, allowed) : limit;
  return candidates.find((candidate) => distance(candidate) <= reach)!;
}

/** Of the rows' candidates, the smallest ratio whose latency stays below the target, interval included; else the fastest. */
export function soonest({ saving, predict }: LatencyRow, wanted: number): Candidate {
  const inTime = saving.find(({ ratio, ms }) => {
    // The median alone tells most of those that are too slow.
    if (ms > wanted) return false;
    const { logError } = predict(ratio);
    return ms * Math.exp(Z95 * logError) <= wanted;
  });
  return inTime ?? saving.at(-1)!;
}
