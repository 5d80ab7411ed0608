import { once } from 'node:events';
import type { Response } from 'express';
import { isDisowned } from '../access/identity.js';

/** What is stored of what happened to a job or a sweep. */
interface StoredEvent {
  readonly sequence: number;
  readonly at: string;
  readonly event: { readonly type: string };
}

const KEEP_ALIVE_MS = 15_000;

/**
 * Sends events as messages for a browser's EventSource (the id is the sequence number) as they come, no faster than the client reads, until there are none left or `signal` aborts.
 * Comments in between keep proxies from closing an idle connection.
 */
export async function sendEvents(
  response: Response,
  events: AsyncIterable<StoredEvent>,
  signal: AbortSignal,
): Promise<void> {
  response.status(200).set({
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no', // nginx would hold messages back
  });
  response.flushHeaders();
  const keepAlive = setInterval(() => response.write(': alive\n\n'), KEEP_ALIVE_MS);
  try {
    for await (const event of events) {
      if (signal.aborted) break;
      if (!response.write(messageOf(event))) await once(response, 'drain', { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(keepAlive);
  }
  response.end();
}

/** Many clients follow the same events. */
const MESSAGES = new WeakMap<StoredEvent, string>();

function messageOf(stored: StoredEvent): string {
  const known = MESSAGES.get(stored);
  if (known !== undefined) return known;
  const { sequence, at, event } = stored;
  const data = JSON.stringify({ ...event, at });
  const text = `id: ${sequence}\nevent: ${event.type}\ndata: ${data}\n\n`;
  MESSAGES.set(stored, text);
  return text;
}

/** Aborts when the client leaves, when its key is not accepted any more or when the service shuts down. */
export function untilGone(
  response: Response,
  shutdown: AbortSignal,
  lookEveryMs: number = KEEP_ALIVE_MS,
): AbortSignal {
  const gone = new AbortController();
  const look = async () => {
    if (await isDisowned(response.req)) gone.abort();
  };
  const looking = setInterval(() => void look(), lookEveryMs);
  response.once('close', () => {
    clearInterval(looking);
    gone.abort();
  });
  return AbortSignal.any([gone.signal, shutdown]);
}
