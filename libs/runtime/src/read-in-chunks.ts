import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { freeChunk, takeChunk } from './chunk-memory.js';

/**
 * Content of a file, in chunks for `freeChunk` to give back.
 * @param first byte, from 0; it and `last` are read too
 * @returns fails with the error of node:fs
 */
export function readInChunks(file: string, { first = 0, last = Infinity } = {}): Readable {
  return Readable.from(chunksOf(file, first, last), { objectMode: false });
}

async function* chunksOf(file: string, first: number, last: number): AsyncGenerator<Uint8Array> {
  const handle = await open(file);
  try {
    for (let at = first; at <= last;) {
      const chunk = takeChunk();
      const { bytesRead } = await handle.read(chunk, 0, Math.min(chunk.length, last - at + 1), at);
      if (bytesRead === 0) return freeChunk(chunk);
      at += bytesRead;
      yield chunk.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
