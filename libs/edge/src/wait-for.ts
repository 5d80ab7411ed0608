import { setTimeout as delay } from 'node:timers/promises';

/** Asks every 10 ms until `condition` holds. @throws Error when it does not within `timeoutMs`. */
export async function waitFor(condition: () => Promise<boolean>, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`the condition did not hold within ${timeoutMs} ms`);
    await delay(10);
  }
}
