import { setTimeout as delay } from 'node:timers/promises';
import type { LeasedTask } from '#contracts';
import { backOffMs } from './back-off.js';
import type { Outage } from './outage.js';
import type { ServerClient } from './server-client.js';
import { isLeaseLost } from './server-error.js';

const SHORTEST_MS = 500;
/** The device's clock may be wrong, so what is left of a lease by that clock counts only up to a limit. */
const LONGEST_MS = 15_000;

export interface HeldLease {
  /** Aborts, with the server's answer as reason, when the lease is lost. */
  readonly lost: AbortSignal;
  /** The next extension tells the server why nothing is measured for now; without a reason, that it is again. */
  waits(reason: string | undefined): void;
  release(): void;
}

/** Extends the lease of a task three times as often as it needs, until released or lost; less and less often where that fails. */
export function holdLease(client: ServerClient, task: LeasedTask, outage: Outage): HeldLease {
  const lost = new AbortController();
  const released = new AbortController();
  let waiting: string | undefined;
  const extend = async () => (await client.extend(task, released.signal, waiting)).leaseExpiresAt;
  void beat(extend, pauseUntil(task.leaseExpiresAt), { outage, lost, released: released.signal });
  return {
    lost: lost.signal,
    waits: (reason) => (waiting = reason),
    release: () => released.abort(),
  };
}

interface Beating {
  readonly outage: Outage;
  readonly lost: AbortController;
  readonly released: AbortSignal;
}

async function beat(
  extend: () => Promise<string>,
  firstPauseMs: number,
  { outage, lost, released }: Beating,
): Promise<void> {
  for (let pauseMs = firstPauseMs, failures = 0; ;) {
    await delay(pauseMs, undefined, { signal: released }).catch(() => undefined);
    if (released.aborted) return outage.over(lost, false);
    try {
      pauseMs = pauseUntil(await extend());
      failures = 0;
      outage.over(lost, true);
    } catch (error) {
      if (released.aborted) return outage.over(lost, false);
      if (isLeaseLost(error)) {
        outage.over(lost, true);
        return lost.abort(error);
      }
      pauseMs = backOffMs(++failures);
      outage.failed(lost, 'extend the lease', error);
    }
  }
}

function pauseUntil(expiresAt: string | undefined): number {
  const leftMs = expiresAt === undefined ? 0 : Date.parse(expiresAt) - Date.now();
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, leftMs / 3));
}
