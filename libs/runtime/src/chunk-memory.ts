import { freeAtOnce } from './free-at-once.js';

/** Four times what Node reads at once: fewer turns of the event loop, and still little memory for hundreds of streams at once. */
export const CHUNK_BYTES = 2 ** 18;
/** 8 MB, which is as many as a few streams have under way. */
const MOST_KEPT = 32;

const kept: ArrayBuffer[] = [];
/** Memory of chunks that were taken, and whether it is away. */
const isAway = new WeakMap<ArrayBufferLike, boolean>();

/**
 * Memory for a chunk, which holds anything. It is for `freeChunk` to give back: new memory is had from the system page by page, which takes
 * longer than reading a file into it. What is not given back is the collector's.
 */
export function takeChunk(): Uint8Array<ArrayBuffer> {
  const memory = kept.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES).buffer;
  isAway.set(memory, true);
  return new Uint8Array(memory);
}

/**
 * Gives a chunk's memory back when it has been dealt with: what was taken here to be taken again, what it has for itself to the
 * system. One that shares its memory with others stays as it is.
 */
export function freeChunk({ buffer, byteLength }: Uint8Array): void {
  if (!(buffer instanceof ArrayBuffer)) return;
  const away = isAway.get(buffer);
  if (away === undefined) {
    if (byteLength === buffer.byteLength) freeAtOnce(buffer);
    return;
  }
  if (!away) return; // given back before
  isAway.set(buffer, false);
  if (kept.length < MOST_KEPT) kept.push(buffer);
  else freeAtOnce(buffer);
}
