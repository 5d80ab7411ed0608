/** The IDX format of MNIST: a big-endian header of dimensions, then unsigned bytes in row-major order. */

export const UNSIGNED_BYTE = 0x08;

/** 32 GiB: 228,000 images of 3 x 224 x 224, say. */
export const MAX_IMAGE_BYTES = 2 ** 35;

/** Two zero bytes, the type and the number of dimensions take four; every dimension takes four more. */
export const idxHeaderBytes = (rank: number): number => 4 + 4 * rank;

/** The header of unsigned bytes of these dimensions. */
export function idxHeader(dimensions: readonly number[]): Uint8Array {
  const header = new DataView(new ArrayBuffer(idxHeaderBytes(dimensions.length)));
  header.setUint8(2, UNSIGNED_BYTE);
  header.setUint8(3, dimensions.length);
  dimensions.forEach((size, i) => header.setUint32(idxHeaderBytes(i), size));
  return new Uint8Array(header.buffer);
}
