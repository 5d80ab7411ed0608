import { readFile } from 'node:fs/promises';
import { randomInput } from '#edge';

/** Images of one size that are taken in turns. */
export interface ImageSource {
  at(run: number): Float32Array;
}

/**
 * Images of a file, or one of random values.
 * @param size values of one image
 * @throws Error of node:fs; RangeError naming file and size when it does not hold whole images
 */
export async function openImages(images: string, size: number): Promise<ImageSource> {
  if (images === 'random') {
    const image = randomInput(size);
    return { at: () => image };
  }
  const values = floatsOf(await readFile(images));
  if (values === undefined || values.length === 0 || values.length % size !== 0)
    throw new RangeError(
      `--images "${images}": expected float32 values, a multiple of ${size} (4 bytes each), for whole images`,
    );
  const count = values.length / size;
  return { at: (run) => values.subarray((run % count) * size, ((run % count) + 1) * size) };
}

/** Little-endian, as every machine that onnxruntime runs on; undefined where bytes are left over. */
function floatsOf(file: Buffer): Float32Array | undefined {
  if (file.length % Float32Array.BYTES_PER_ELEMENT !== 0) return undefined;
  const aligned = new Uint8Array(file); // a file's buffer may begin anywhere in its memory
  return new Float32Array(aligned.buffer);
}
