import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '#runtime';
import { isTemporary } from './server-error.js';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 15_000;

/**
 * Repeats a request until the server answers it: networks of devices come and go, and a measured cell is not to be
 * lost by that. Pauses double, with some chance in them so that a fleet does not come back as one.
 * @throws what `request` throws when it is not temporary; the signal's reason when aborted.
 */
export async function keepTrying<T>(
  what: string,
  request: () => Promise<T>,
  { signal, logger }: { signal: AbortSignal; logger: Logger },
): Promise<T> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    signal.throwIfAborted();
    try {
      return await request();
    } catch (error) {
      signal.throwIfAborted();
      if (!isTemporary(error)) throw error;
      logger.warn({ err: error, pauseMs }, `could not ${what}, will try again`);
    }
    // An abort ends the pause; the check at the top of the loop then tells it.
    await delay(pauseMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
  }
}
