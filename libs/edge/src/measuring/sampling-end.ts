import { summarise } from '#calibration';
import type { EdgeProtocol } from './protocol.js';

/** What ended the sampling of a cell. */
export type SamplingEnd = 'interval' | 'max-samples' | 'cell-seconds';

type Limits = Pick<EdgeProtocol, 'samples' | 'maxSamples' | 'relativeInterval' | 'cellSeconds'>;

/** With fewer samples no interval of the median reaches 95 %. */
const SMALLEST_FOR_INTERVAL = 6;

/** Width of the 95 % interval of the median, relative to the median. */
export function relativeIntervalOf(samplesMs: readonly number[]): number {
  const { p50Ms, p50LowMs, p50HighMs } = summarise(samplesMs);
  return (p50HighMs - p50LowMs) / p50Ms;
}

/** Whether a cell has samples enough, and why; undefined when more are to be taken. */
export function samplingEnd(
  samplesMs: readonly number[],
  elapsedSeconds: number,
  { samples, maxSamples, relativeInterval, cellSeconds }: Limits,
): SamplingEnd | undefined {
  const taken = samplesMs.length;
  if (taken < samples) return undefined;
  if (taken >= SMALLEST_FOR_INTERVAL && relativeIntervalOf(samplesMs) <= relativeInterval) return 'interval';
  if (taken >= maxSamples) return 'max-samples';
  return elapsedSeconds >= cellSeconds ? 'cell-seconds' : undefined;
}

/** How many samples to take next in one go: up to the minimum at first, then some, within what is left of the time. */
export function nextSamples(taken: number, elapsedSeconds: number, limits: Limits): number {
  const { samples, maxSamples, cellSeconds } = limits;
  if (taken < samples) return samples - taken;
  const perSample = elapsedSeconds / taken;
  const leftSeconds = Math.max(0, cellSeconds - elapsedSeconds);
  const fitting = perSample > 0 ? Math.ceil(leftSeconds / perSample) : Infinity;
  return Math.max(1, Math.min(maxSamples - taken, Math.ceil(samples / 2), fitting));
}
