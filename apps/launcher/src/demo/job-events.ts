import { setTimeout as delay } from 'node:timers/promises';
import { createParser } from 'eventsource-parser';
import { FINAL_JOB_STATES, JobEvent } from '#contracts';

const RECONNECT_MS = 500;
const MAX_FAILURES = 20;

interface Received {
  readonly id: string;
  readonly event: JobEvent;
}

/** The connection could not be made or broke: worth another attempt, unlike an answer that is wrong. */
class BrokenConnectionError extends Error {
  override readonly name = 'BrokenConnectionError';
}

/**
 * Events of a job in order, each once, until it is in a final state. A connection that is lost is made again and goes
 * on after the last event seen.
 * @throws Error when the stream cannot be read for about ten seconds; its cause is how the connection broke last.
 */
export async function* jobEvents(
  baseUrl: string,
  jobId: string,
  authorization: Readonly<Record<string, string>>,
  reconnectMs = RECONNECT_MS,
): AsyncGenerator<JobEvent> {
  const url = `${baseUrl}/v1/jobs/${jobId}/events`;
  let lastId: string | undefined;
  let cause: unknown;
  for (let failures = 0; failures < MAX_FAILURES; failures++) {
    try {
      for await (const { id, event } of readStream(url, { ...authorization, ...afterEvent(lastId) })) {
        lastId = id;
        failures = 0;
        yield event;
        if (event.type === 'state' && FINAL_JOB_STATES.includes(event.state)) return;
      }
    } catch (error) {
      if (!(error instanceof BrokenConnectionError)) throw error;
      cause = error.cause;
    }
    await delay(reconnectMs);
  }
  throw new Error(`the progress of job ${jobId} cannot be read from ${url}`, { cause });
}

/** Only events behind this one. */
function afterEvent(lastId: string | undefined): Record<string, string> {
  return lastId === undefined ? {} : { 'last-event-id': lastId };
}

async function* readStream(url: string, headers: Record<string, string>): AsyncGenerator<Received> {
  const received: Received[] = [];
  const parser = createParser({
    onEvent: ({ id, data }) => received.push({ id: id ?? '', event: JobEvent.parse(JSON.parse(data)) }),
  });
  const decoder = new TextDecoder();
  for await (const chunk of readBody(url, headers)) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    yield* received.splice(0);
  }
}

/** @throws BrokenConnectionError, or Error when the API refuses. */
async function* readBody(url: string, given: Record<string, string>): AsyncGenerator<Uint8Array> {
  const headers = { accept: 'text/event-stream', ...given };
  const response = await fetch(url, { headers }).catch(broken);
  if (!response.ok || !response.body) {
    const text = await response.text().catch(broken);
    throw new Error(`GET ${url} was answered ${response.status}: ${text.slice(0, 500)}`);
  }
  try {
    yield* response.body as AsyncIterable<Uint8Array>;
  } catch (error) {
    broken(error);
  }
}

function broken(cause: unknown): never {
  throw new BrokenConnectionError('the connection broke', { cause });
}
