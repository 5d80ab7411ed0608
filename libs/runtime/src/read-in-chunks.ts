import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { freeChunk, takeChunk } from './chunk-memory.js';

/** Eight times what Node reads at once, for few turns of the event loop; of hundreds of streams none gets so much memory. */
export const LARGE_CHUNK_BYTES = 2 ** 19;
export const SMALL_CHUNK_BYTES = 2 ** 17;
/** Streams at a time that get large chunks. */
export const FEW_STREAMS = 8;

let streams = 0;

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
  streams++;
  try {
    for (let at = first; at <= last;) {
      const chunk = takeChunk(streams > FEW_STREAMS ? SMALL_CHUNK_BYTES : LARGE_CHUNK_BYTES);
      const { bytesRead } = await handle.read(chunk, 0, Math.min(chunk.length, last - at + 1), at);
      if (bytesRead === 0) return freeChunk(chunk);
      at += bytesRead;
      yield chunk.subarray(0, bytesRead);
    }
  } finally {
    streams--;
    await handle.close();
  }
}
