import { once } from 'node:events';
import type { Response } from 'express';

/** One message of a text/event-stream. */
export interface StreamMessage {
  readonly id: string;
  readonly event: string;
  /** Sent as JSON. */
  readonly data: unknown;
}

const KEEP_ALIVE_MS = 15_000;

/**
 * Sends messages as they come, no faster than the client reads, until there are none left or `signal` aborts.
 * Comments in between keep proxies from closing an idle connection.
 */
export async function sendEvents(
  response: Response,
  messages: AsyncIterable<StreamMessage>,
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
    for await (const message of messages) {
      if (signal.aborted) break;
      if (!response.write(formatted(message))) await once(response, 'drain', { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(keepAlive);
  }
  response.end();
}

/** Many clients get the same message. */
const FORMATTED = new WeakMap<StreamMessage, string>();

function formatted(message: StreamMessage): string {
  const known = FORMATTED.get(message);
  if (known !== undefined) return known;
  const { id, event, data } = message;
  const text = `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
  FORMATTED.set(message, text);
  return text;
}

/** Aborts when the client leaves or when the service shuts down. */
export function untilGone(response: Response, shutdown: AbortSignal): AbortSignal {
  const left = new AbortController();
  response.once('close', () => left.abort());
  return AbortSignal.any([left.signal, shutdown]);
}
