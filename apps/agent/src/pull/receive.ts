import fs from 'node:fs/promises';
import { reading, type ServerClient } from '../server-client.js';
import { ServerError, ServerUnreachableError } from '../server-error.js';
import type { RemoteFile } from './download-file.js';
import { StallWatch } from './stall-watch.js';

/** Of one try: whatever came is in the file by then. A silent connection is given up long before. */
const LONGEST_MS = 24 * 3600 * 1000;

/**
 * Asks for a file from `start` on and puts what comes into `part`, all of it that is there when the connection breaks.
 * @returns bytes that came
 * @throws ServerError; ServerUnreachableError when not all came
 */
export async function receive(
  { path, digest, bytes }: RemoteFile,
  { part, start: kept }: { readonly part: string; readonly start: number },
  client: Pick<ServerClient, 'read'>,
  signal: AbortSignal,
): Promise<number> {
  const start = kept > bytes ? 0 : kept;
  if (start === bytes) return 0;
  const etag = `"${digest}"`;
  const headers: Record<string, string> = start > 0 ? { range: `bytes=${start}-`, 'if-range': etag } : {};
  const stall = new StallWatch();
  try {
    const either = AbortSignal.any([signal, stall.signal]);
    const response = await client.read('GET', path, headers, either, LONGEST_MS);
    requireSame(response, path, etag);
    const from = response.status === 206 ? start : 0;
    const received = await reading(store(response, part, from, () => stall.moved()));
    if (from + received === bytes) return received;
    throw new ServerUnreachableError(`${path} ended after ${from + received} bytes, expected ${bytes}`);
  } finally {
    stall.end();
  }
}

/** @throws ServerError when the place has another file by now */
function requireSame({ status, headers }: Response, path: string, etag: string): void {
  const found = headers.get('etag');
  if (found !== null && found !== etag)
    throw new ServerError(status, undefined, `${path} is the file ${found} by now, expected ${etag}`);
}

async function store(response: Response, part: string, from: number, moved: () => void): Promise<number> {
  const file = await fs.open(part, from === 0 ? 'w' : 'a');
  let received = 0;
  try {
    for await (const chunk of response.body ?? []) {
      await file.writeFile(chunk as Uint8Array);
      received += (chunk as Uint8Array).length;
      moved();
    }
  } finally {
    await file.sync();
    await file.close();
  }
  return received;
}
