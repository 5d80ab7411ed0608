import { setTimeout as delay } from 'node:timers/promises';
import type { LeasedTask } from '#contracts';
import type { Logger } from '#runtime';
import type { ServerClient } from './server-client.js';
import { isLeaseLost } from './server-error.js';

const SHORTEST_MS = 500;
/** The device's clock may be wrong, so what is left of a lease by that clock counts only up to a limit. */
const LONGEST_MS = 15_000;

export interface HeldLease {
  /** Aborts, with the server's answer as reason, when the lease is lost. */
  readonly lost: AbortSignal;
  release(): void;
}

/** Extends the lease of a task three times as often as it needs, until released or lost. */
export function holdLease(client: ServerClient, task: LeasedTask, logger: Logger): HeldLease {
  const lost = new AbortController();
  const released = new AbortController();
  void beat(client, task, logger, lost, released.signal);
  return { lost: lost.signal, release: () => released.abort() };
}

async function beat(
  client: ServerClient,
  task: LeasedTask,
  logger: Logger,
  lost: AbortController,
  released: AbortSignal,
): Promise<void> {
  let expiresAt = task.leaseExpiresAt;
  while (!released.aborted) {
    await delay(pauseUntil(expiresAt), undefined, { signal: released }).catch(() => undefined);
    if (released.aborted) return;
    try {
      expiresAt = (await client.extend(task, released)).leaseExpiresAt;
    } catch (error) {
      if (isLeaseLost(error)) return lost.abort(error);
      if (!released.aborted) logger.warn({ err: error }, 'could not extend the lease');
    }
  }
}

function pauseUntil(expiresAt: string | undefined): number {
  const leftMs = expiresAt === undefined ? 0 : Date.parse(expiresAt) - Date.now();
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, leftMs / 3));
}
