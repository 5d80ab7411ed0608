import { freeAtOnce } from './free-at-once.js';

/** Of every size 8 MB, which is as much as some streams have under way. */
const MOST_KEPT_BYTES = 2 ** 23;

const kept = new Map<number, ArrayBuffer[]>();
/** Memory that was taken here. */
const taken = new WeakSet<ArrayBufferLike>();

/**
 * Memory for a chunk, which holds anything. It is for `freeChunk` to give back: new memory is had from the system page by page, which takes
 * longer than reading a file into it. What is not given back is the collector's.
 * @param bytes one of a few sizes: memory of each is kept
 */
export function takeChunk(bytes: number): Uint8Array<ArrayBuffer> {
  const memory = kept.get(bytes)?.pop() ?? Buffer.allocUnsafeSlow(bytes).buffer;
  taken.add(memory);
  return new Uint8Array(memory);
}

/**
 * Gives a chunk's memory back when it has been dealt with: what was taken here to be taken again, all of it whatever part of it the
 * chunk is; what it has for itself to the system. One that shares its memory with others stays as it is. Whoever still has a chunk whose
 * memory was given back sees an empty one, never what is in that memory later.
 */
export function freeChunk({ buffer, byteLength }: Uint8Array): void {
  if (!(buffer instanceof ArrayBuffer) || buffer.byteLength === 0) return;
  if (!taken.has(buffer)) {
    if (byteLength === buffer.byteLength) freeAtOnce(buffer);
    return;
  }
  const same = kept.get(buffer.byteLength) ?? [];
  kept.set(buffer.byteLength, same);
  if ((same.length + 1) * buffer.byteLength > MOST_KEPT_BYTES) freeAtOnce(buffer);
  else same.push(structuredClone(buffer, { transfer: [buffer] })); // the same memory, which nobody else has
}
