import type { LatencyRow } from './latency-row.js';

/** Trained widths make a network so much slower than its proxy, seldom more. */
const SLOWER = 1.1;

/**
 * A ratio to train beyond the chosen ones: what is derived after training lies between trained ratios, so that without it the
 * point with the largest ratio could not be given a larger one.
 * @param largest of the chosen ratios
 * @returns undefined where only the dense network was chosen, which is its own proxy, or no row goes further
 */
export function reserveRatio(
  rows: readonly Pick<LatencyRow, 'saving'>[],
  largest: number,
  targetMs: number,
): number | undefined {
  if (largest === 0) return undefined;
  const wanted = rows.map(
    ({ saving }) => (saving.find(({ ms }) => ms <= targetMs / SLOWER) ?? saving.at(-1)!).ratio,
  );
  const reserve = Math.max(...wanted);
  return reserve > largest ? reserve : undefined;
}
