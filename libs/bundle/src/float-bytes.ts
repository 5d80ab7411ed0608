/** float32 values as the little-endian bytes of a file. Whole arrays at once: value by value takes five times as long. */

const FLOAT_BYTES = 4;
const IS_LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** The values' own memory where the machine is little-endian; a copy elsewhere. */
export function bytesOf(values: Float32Array): Uint8Array {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return IS_LITTLE_ENDIAN ? bytes : Buffer.from(bytes).swap32();
}

/** A copy, wherever in a file the bytes begin. */
export function floatsOf(bytes: Uint8Array): Float32Array {
  const copy = new Uint8Array(bytes); // a buffer of its own, and so aligned
  if (!IS_LITTLE_ENDIAN) Buffer.from(copy.buffer).swap32();
  return new Float32Array(copy.buffer, 0, copy.length / FLOAT_BYTES);
}

/** The bytes' own memory as values, where it can be read as such; a copy elsewhere. */
export function floatsIn(bytes: Uint8Array): Float32Array {
  if (!IS_LITTLE_ENDIAN || bytes.byteOffset % FLOAT_BYTES !== 0) return floatsOf(bytes);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / FLOAT_BYTES);
}
