import { setTimeout as delay } from 'node:timers/promises';
import { backOffMs } from './back-off.js';
import type { Outage } from './outage.js';
import { isTemporary } from './server-error.js';

/**
 * Repeats a request until the server answers it: networks of devices come and go, and a measured cell is not to be
 * lost by that.
 * @throws what `request` throws when it is not temporary; the signal's reason when aborted.
 */
export async function keepTrying<T>(
  what: string,
  request: () => Promise<T>,
  { signal, outage }: { signal: AbortSignal; outage: Outage },
): Promise<T> {
  try {
    for (let failures = 1; ; failures++) {
      signal.throwIfAborted();
      try {
        return await request();
      } catch (error) {
        signal.throwIfAborted();
        if (!isTemporary(error)) throw error;
        outage.failed(request, what, error);
      }
      // An abort ends the pause; the check at the top of the loop then tells it.
      await delay(backOffMs(failures), undefined, { signal }).catch(() => undefined);
    }
  } finally {
    outage.over(request, !signal.aborted);
  }
}
