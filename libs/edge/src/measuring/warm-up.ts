import { summarise } from '#calibration';

/** Warming up ends after this many times `warmupSamples`, steady or not. */
const LONGEST = 5;

type Limits = { readonly warmupSamples: number; readonly relativeInterval: number };

/**
 * How many more samples warm a network up; 0 when it is warm. It is when the medians of the last `warmupSamples` and of
 * as many before them differ by no more than `relativeInterval`, or when it has been given up.
 */
export function warmupLeft(
  samplesMs: readonly number[],
  { warmupSamples, relativeInterval }: Limits,
): number {
  if (samplesMs.length >= LONGEST * warmupSamples) return 0;
  return isSteady(samplesMs, { warmupSamples, relativeInterval }) ? 0 : warmupSamples;
}

/** Whether the last `warmupSamples` took as long as those before them. */
export function isSteady(samplesMs: readonly number[], { warmupSamples, relativeInterval }: Limits): boolean {
  if (warmupSamples === 0 || samplesMs.length < 2 * warmupSamples) return false;
  const last = summarise(samplesMs.slice(-warmupSamples)).p50Ms;
  const before = summarise(samplesMs.slice(-2 * warmupSamples, -warmupSamples)).p50Ms;
  return Math.abs(last / before - 1) <= relativeInterval;
}
