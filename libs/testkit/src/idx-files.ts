import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

const FILES = ['trainImages', 'trainLabels', 'testImages', 'testLabels'] as const;

export interface IdxSizes {
  readonly train?: number;
  readonly test?: number;
  /** Height and width of the images, which have one channel. */
  readonly side?: number;
}

/**
 * The four files of a tiny dataset of two classes in the IDX format, by part: images of class 0 are dark, images of
 * class 1 are bright, so that even one epoch tells them apart.
 */
export function idxContents({ train = 64, test = 16, side = 8 }: IdxSizes = {}): Record<
  (typeof FILES)[number],
  Buffer
> {
  return {
    trainImages: images(train, side),
    trainLabels: labels(train),
    testImages: images(test, side),
    testLabels: labels(test),
  };
}

/** Writes such a dataset into a folder. @returns the paths */
export async function writeIdxFiles(
  folder: string,
  sizes: IdxSizes = {},
): Promise<Record<(typeof FILES)[number], string>> {
  await mkdir(folder, { recursive: true });
  const contents = idxContents(sizes);
  const paths = FILES.map((name) => [name, path.join(folder, name)] as const);
  for (const [name, file] of paths) await writeFile(file, contents[name]);
  return Object.fromEntries(paths) as Record<(typeof FILES)[number], string>;
}

function images(count: number, side: number): Buffer {
  const pixels = Buffer.alloc(count * side * side);
  for (let i = 0; i < pixels.length; i++) {
    const label = Math.floor(i / (side * side)) % 2;
    pixels[i] = label * 160 + ((i * 37) % 64);
  }
  return Buffer.concat([header([count, side, side]), pixels]);
}

function labels(count: number): Buffer {
  return Buffer.concat([header([count]), Buffer.from(Array.from({ length: count }, (_, i) => i % 2))]);
}

/** Two zero bytes, the type (unsigned byte), the number of dimensions and the dimensions, big-endian. */
function header(dimensions: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 + 4 * dimensions.length);
  bytes.writeUInt8(8, 2);
  bytes.writeUInt8(dimensions.length, 3);
  dimensions.forEach((size, index) => bytes.writeUInt32BE(size, 4 + 4 * index));
  return bytes;
}
