import { summarise } from '#calibration';

/** How the reference cell has changed since it was first measured, relative to then: 0.05 is 5 % slower. */
export interface ReferenceDrift {
  readonly change: number;
  /** What the change is at least and at most, by the 95 % intervals of both medians. */
  readonly low: number;
  readonly high: number;
  readonly drifted: boolean;
}

/** It has drifted where it changed beyond the limit and the spread of the samples does not explain that: its interval excludes 0. */
export function driftOf(
  reference: readonly number[],
  again: readonly number[],
  limit: number,
): ReferenceDrift {
  const first = summarise(reference);
  const now = summarise(again);
  const change = now.p50Ms / first.p50Ms - 1;
  const low = now.p50LowMs / first.p50HighMs - 1;
  const high = now.p50HighMs / first.p50LowMs - 1;
  return { change, low, high, drifted: Math.abs(change) > limit && (low > 0 || high < 0) };
}
