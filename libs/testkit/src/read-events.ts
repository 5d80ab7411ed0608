import { createParser } from 'eventsource-parser';

/** An event of a text/event-stream of the API, whose ids are numbers and whose data is JSON. */
export interface SeenEvent {
  readonly id: number;
  readonly type: string;
  readonly data: any;
}

export interface ReadEventsOptions {
  /** Goes on behind this event. */
  readonly lastEventId?: number;
  /** Asked of the newest event; true ends the reading. */
  readonly enough?: (newest: SeenEvent) => boolean;
  /** Done between what the server sends at once and what it sends next. */
  readonly meanwhile?: () => void | Promise<void>;
}

/**
 * Reads an event stream until the server ends it, or there is enough.
 * @param call fetch, with what the server wants to be sent
 * @throws Error for an answer that is no event stream
 */
export async function readEvents(
  call: (url: string, init: RequestInit) => Promise<Response>,
  url: string,
  { lastEventId, enough, meanwhile }: ReadEventsOptions = {},
): Promise<SeenEvent[]> {
  const headers: Record<string, string> = { accept: 'text/event-stream' };
  if (lastEventId !== undefined) headers['last-event-id'] = String(lastEventId);
  const response = await call(url, { headers });
  const mediaType = response.headers.get('content-type');
  if (!response.ok || !mediaType?.includes('text/event-stream')) {
    throw new Error(`GET ${url}: ${response.status} ${mediaType}: expected an event stream`);
  }
  const seen: SeenEvent[] = [];
  const parser = createParser({
    onEvent: ({ id, event = 'message', data }) =>
      void seen.push({ id: Number(id), type: event, data: JSON.parse(data) }),
  });
  const decoder = new TextDecoder();
  for await (const chunk of response.body!) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    const newest = seen.at(-1);
    if (newest && enough?.(newest)) break; // leaving the loop cancels the request
    await meanwhile?.();
  }
  return seen;
}
