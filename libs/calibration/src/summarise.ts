import { CalibrationError } from './calibration-error.js';

/** Statistics of one cell's samples in milliseconds. */
export interface LatencySummary {
  readonly n: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly meanMs: number;
  /** Sample standard deviation (n - 1); 0 for a single sample. */
  readonly stdMs: number;
  /** 95 % confidence interval of the median, from order statistics: no assumption about the distribution. */
  readonly p50LowMs: number;
  readonly p50HighMs: number;
}

/**
 * Summarises samples in any order; percentiles interpolate linearly between order statistics.
 * With fewer than 6 samples no interval of the median reaches 95 %: it is then smallest to largest.
 * @throws CalibrationError without samples or with one that is not positive.
 */
export function summarise(samplesMs: readonly number[]): LatencySummary {
  if (samplesMs.length === 0) throw new CalibrationError('samplesMs: expected at least one sample, got none');
  const wrong = samplesMs.findIndex((ms) => !(ms > 0 && Number.isFinite(ms)));
  if (wrong >= 0) {
    throw new CalibrationError(
      `samplesMs[${wrong}]: ${samplesMs[wrong]} is not a positive number of milliseconds`,
    );
  }
  const sorted = [...samplesMs].sort((a, b) => a - b);
  const n = sorted.length;
  const meanMs = sorted.reduce((sum, ms) => sum + ms, 0) / n;
  const squares = sorted.reduce((sum, ms) => sum + (ms - meanMs) ** 2, 0);
  const rank = medianIntervalRank(n);
  return {
    n,
    p50Ms: percentile(sorted, 0.5),
    p90Ms: percentile(sorted, 0.9),
    p99Ms: percentile(sorted, 0.99),
    meanMs,
    stdMs: n > 1 ? Math.sqrt(squares / (n - 1)) : 0,
    p50LowMs: sorted[rank]!,
    p50HighMs: sorted[n - 1 - rank]!,
  };
}

function percentile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (sorted[high]! - sorted[low]!) * (at - low);
}

/** Beyond this many samples 2^-n leaves the range of a double, and the normal approximation is exact enough. */
const EXACT_UP_TO = 1000;

/**
 * The largest rank r (0-based) such that sorted[r]..sorted[n-1-r] covers the median with 95 %: the median lies below
 * sorted[r] with the probability that at most r of n fair coins fall heads, which must not exceed 2.5 %.
 */
function medianIntervalRank(n: number): number {
  if (n > EXACT_UP_TO) return Math.floor(n / 2 - 0.98 * Math.sqrt(n)) - 1;
  let probability = 0.5 ** n;
  let cumulative = probability;
  let rank = 0;
  while (cumulative <= 0.025) {
    rank++;
    probability *= (n - rank + 1) / rank;
    cumulative += probability;
  }
  return Math.max(0, rank - 1);
}
