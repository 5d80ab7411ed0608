import type { Candidate, LatencyRow } from './latency-row.js';
import { upperMs } from './model/latency-model.js';

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

/** The smallest ratio whose latency stays below the target, interval included; else the earliest. */
export function soonest(row: LatencyRow, wanted: number): Candidate {
  // The median alone tells most of those that are too slow.
  const inTime = row.candidates.find(
    ({ ratio, ms }) => ms <= wanted && upperMs(row.predict(ratio)) <= wanted,
  );
  return inTime ?? earliest(row);
}

/** The candidate whose interval ends first, and where. */
export function earliest({ candidates, predict }: LatencyRow): Candidate & { readonly highMs: number } {
  let best: (Candidate & { highMs: number }) | undefined;
  for (const candidate of candidates.toSorted((a, b) => a.ms - b.ms)) {
    // No interval ends below its own median.
    if (best && candidate.ms >= best.highMs) break;
    const highMs = upperMs(predict(candidate.ratio));
    if (!best || highMs < best.highMs) best = { ...candidate, highMs };
  }
  return best!;
}
