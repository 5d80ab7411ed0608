import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';

/** What the run needs to know of a job. */
export const SeenJob = z.object({
  id: z.string(),
  state: z.string(),
  stage: z.string(),
  attempt: z.number(),
  model: z.string(),
  version: z.number().optional(),
  candidate: z.object({ bundle: z.object({ digest: z.string() }) }).optional(),
  error: z.unknown().optional(),
});
export type SeenJob = z.infer<typeof SeenJob>;

const RETRY_MS = 200;
const GIVE_UP_MS = 120_000;

/** A client as users write one: it tries again while the API is away, and names what it creates so that nothing is made twice. */
export class ApiClient {
  /** For how long a request was told, at most, that it is being answered already. */
  longestConflictMs = 0;

  constructor(
    readonly base: string,
    private readonly headers: () => Record<string, string>,
  ) {}

  async get(path: string): Promise<unknown> {
    return (await this.request(path, {})).json();
  }

  async bytes(path: string): Promise<Uint8Array> {
    return new Uint8Array(await (await this.request(path, {})).arrayBuffer());
  }

  async create(path: string, key: string, body: unknown): Promise<unknown> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': key };
    return (await this.request(path, { method: 'POST', headers, body: JSON.stringify(body) })).json();
  }

  /** Goes on from `lastId` whenever the stream breaks; `take` says when it has seen enough. */
  async follow(path: string, take: (chunk: string) => boolean, lastId: () => number): Promise<void> {
    for (;;) {
      try {
        const headers = { accept: 'text/event-stream', 'last-event-id': String(lastId()), ...this.headers() };
        const response = await fetch(this.base + path, { headers });
        if (!response.ok || response.body === null) throw new Error(String(response.status));
        const decoder = new TextDecoder();
        for await (const chunk of response.body) {
          if (take(decoder.decode(chunk as Uint8Array, { stream: true }))) return;
        }
      } catch {
        await setTimeout(RETRY_MS);
      }
    }
  }

  private async request(path: string, init: RequestInit): Promise<Response> {
    const deadline = Date.now() + GIVE_UP_MS;
    let conflictSince: number | undefined;
    for (;;) {
      const response = await fetch(this.base + path, {
        ...init,
        headers: { ...this.headers(), ...init.headers },
        signal: AbortSignal.timeout(20_000),
      }).catch((error: unknown) => String(error));
      if (typeof response !== 'string' && response.ok) return response;
      const isConflict = typeof response !== 'string' && response.status === 409;
      conflictSince = isConflict ? (conflictSince ?? Date.now()) : undefined;
      this.longestConflictMs = Math.max(this.longestConflictMs, Date.now() - (conflictSince ?? Date.now()));
      const isOver = typeof response !== 'string' && response.status < 500 && !AGAIN.has(response.status);
      if (isOver || Date.now() > deadline) throw new Error(`${path}: ${await said(response)}`);
      await setTimeout(RETRY_MS);
    }
  }
}

/** The API does not know its key yet; the same request is still being answered. */
const AGAIN = new Set([401, 409]);

const said = async (response: Response | string): Promise<string> =>
  typeof response === 'string' ? response : `${response.status} ${await response.text()}`;
