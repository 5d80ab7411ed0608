import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits until `condition` holds and returns its value.
 * @throws Error naming `what` when it does not within `timeoutMs`.
 */
export async function waitUntil<T>(
  what: string,
  condition: () => Promise<T> | T,
  timeoutMs = 30_000,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${timeoutMs} ms`);
    await delay(20);
  }
}
