const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000];

/** Waits between attempts, of the example schedule of the Standard Webhooks specification: 75 hours and a half in all. */
const DELAYS_MS = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
] as const;

/** Deliveries that failed together are not to come back together: up to this share is added to every wait. */
const JITTER = 0.2;

/** Attempts of a delivery, the first one included. */
export const MAX_ATTEMPTS = DELAYS_MS.length + 1;

/**
 * Milliseconds to wait after a failed attempt; `undefined` when it was the last.
 * @param attempts that ended before the failed one
 * @param random 0 to 1
 */
export function retryDelayMs(attempts: number, random: number): number | undefined {
  const delayMs = DELAYS_MS[attempts];
  return delayMs === undefined ? undefined : Math.round(delayMs * (1 + JITTER * random));
}
