import { Z95 } from './model/latency-model.js';

/** A median latency with what is known of its error. */
export interface KnownMedian {
  readonly p50Ms: number;
  /** 95 % interval of the median; of fewer than 6 samples smallest to largest. */
  readonly p50LowMs?: number;
  readonly p50HighMs?: number;
  /** Samples behind it. */
  readonly n?: number;
  /** Of the samples. */
  readonly stdMs?: number;
}

/** Of one sample, and of a figure of which nothing else is known. */
const UNKNOWN_ERROR = 0.02;
/** No median is known better than this: clocks and caches differ from one process to the next. */
const SMALLEST_ERROR = 0.001;
/** Standard error of a median over that of a mean, for normal samples: √(π / 2). */
const MEDIAN_OVER_MEAN = 1.25;
/** Fewer samples have no 95 % interval of their median. */
const FEWEST_FOR_INTERVAL = 6;
/**
 * By the number of samples: smallest to largest covers their median with 1 - 2^(1 - n), which a normal distribution does
 * within so many standard deviations.
 */
const Z_OF_FEW: Readonly<Record<number, number>> = { 2: 0.674, 3: 1.15, 4: 1.534, 5: 1.863 };

/**
 * Standard error of a median, over the median: from its interval, else from number and standard deviation of the samples.
 * Few samples may lie together by chance: theirs is 2 % over the root of their number at least.
 */
export function medianError({ p50Ms, p50LowMs, p50HighMs, n, stdMs }: KnownMedian): number {
  const isFew = n !== undefined && n < FEWEST_FOR_INTERVAL;
  const least = isFew ? UNKNOWN_ERROR / Math.sqrt(Math.max(n, 1)) : SMALLEST_ERROR;
  const z = isFew ? Z_OF_FEW[n] : Z95;
  if (p50LowMs !== undefined && p50HighMs !== undefined && z !== undefined) {
    return Math.max((p50HighMs - p50LowMs) / 2 / z / p50Ms, least);
  }
  if (n === undefined || n < 2 || stdMs === undefined) return UNKNOWN_ERROR;
  return Math.max((MEDIAN_OVER_MEAN * stdMs) / Math.sqrt(n) / p50Ms, least);
}

/** 95 % interval of a median, in milliseconds: as it was given, where it can be taken as that. */
export function medianInterval(median: KnownMedian): { readonly lowMs: number; readonly highMs: number } {
  const { p50Ms, p50LowMs, p50HighMs, n = FEWEST_FOR_INTERVAL } = median;
  if (p50LowMs !== undefined && p50HighMs !== undefined && n >= FEWEST_FOR_INTERVAL) {
    return { lowMs: p50LowMs, highMs: p50HighMs };
  }
  const half = Z95 * medianError(median) * p50Ms;
  return { lowMs: p50Ms - half, highMs: p50Ms + half };
}
