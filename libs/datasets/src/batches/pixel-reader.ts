import { closeSync, openSync, readSync } from 'node:fs';
import type { Pixels } from '../dataset.js';
import { DatasetError } from '../dataset-error.js';

/**
 * Hands images out by their row, `imageBytes` each, in one visit to the file where they lie in one; an image is to be
 * used before the next one is asked for.
 * @throws DatasetError when the file has become shorter
 */
export function* readPixels(
  pixels: Pixels,
  rows: Iterable<number>,
  imageBytes: number,
): Iterable<Uint8Array> {
  if (pixels.kind === 'held') {
    for (const row of rows) yield pixels.bytes.subarray(row * imageBytes, (row + 1) * imageBytes);
    return;
  }
  const { file, offset } = pixels;
  const image = new Uint8Array(imageBytes);
  const descriptor = openSync(file, 'r');
  try {
    for (const row of rows) {
      const byteOffset = offset + row * imageBytes;
      if (readSync(descriptor, image, 0, imageBytes, byteOffset) < imageBytes) {
        throw new DatasetError('the file has become shorter since it was checked', { file, byteOffset });
      }
      yield image;
    }
  } finally {
    closeSync(descriptor);
  }
}
