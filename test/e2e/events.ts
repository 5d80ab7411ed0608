import { createParser } from 'eventsource-parser';
import type { Caller } from './launched.js';

export interface SeenEvent {
  readonly id: number;
  readonly type: string;
  readonly data: any;
}

/** Reads a job's event stream until the server ends it, or until `enough` says so. */
export async function readEvents(
  call: Caller,
  url: string,
  options: { lastEventId?: number; enough?: (event: SeenEvent) => boolean } = {},
): Promise<SeenEvent[]> {
  const seen: SeenEvent[] = [];
  const headers: Record<string, string> = { accept: 'text/event-stream' };
  if (options.lastEventId !== undefined) headers['last-event-id'] = String(options.lastEventId);
  const response = await call(url, { headers });
  if (!response.ok || !response.body) throw new Error(`GET ${url}: ${response.status}`);
  const parser = createParser({
    onEvent: (event) => {
      seen.push({ id: Number(event.id), type: event.event ?? 'message', data: JSON.parse(event.data) });
    },
  });
  const decoder = new TextDecoder();
  for await (const chunk of response.body) {
    parser.feed(decoder.decode(chunk as Uint8Array, { stream: true }));
    const last = seen.at(-1);
    if (last && options.enough?.(last)) return seen; // leaving the loop cancels the request
  }
  return seen;
}
