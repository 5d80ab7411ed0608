import type { z } from 'zod';
import { bodyOf, type ServerClient } from '../server-client.js';

interface Known {
  readonly etag: string;
  readonly body: unknown;
}

/** Reads JSON of the server; of what it has read before it asks only whether that has changed. */
export class ConditionalReader {
  readonly #known = new Map<string, Known>();

  constructor(private readonly client: Pick<ServerClient, 'read'>) {}

  /** @throws ServerError, ServerUnreachableError */
  async read<T>(path: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    const known = this.#known.get(path);
    const headers: Record<string, string> = known ? { 'if-none-match': known.etag } : {};
    const response = await this.client.read('GET', path, headers, signal);
    if (response.status === 304 && known) return known.body as T;
    const body = await bodyOf(schema, response);
    const etag = response.headers.get('etag');
    if (etag !== null) this.#known.set(path, { etag, body });
    return body;
  }
}
