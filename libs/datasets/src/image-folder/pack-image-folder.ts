import { open, readFile, stat, writeFile, type FileHandle } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import type { ImageShape } from '#network';
import { DatasetError } from '../dataset-error.js';
import { sha256 } from '../digest.js';
import type { IdxPaths } from '../idx/idx-dataset.js';
import { idxHeader, MAX_IMAGE_BYTES } from '../idx/idx-format.js';
import { arrangeImages, type LabelledFile, type Split, type SplitOptions } from './arrange-images.js';
import { decodeImage } from './decode-image.js';
import type { ImageFile } from './image-file.js';

export interface PackOptions extends SplitOptions {
  /** Of every image once it is packed; 1 or 3 channels. */
  readonly input: ImageShape;
}

export interface PackedImages {
  /** Where the four IDX files were written. */
  readonly paths: IdxPaths;
  readonly classNames: readonly string[];
  readonly split: Split;
  /** SHA-256 over the lines that sha256sum prints for the images by name, sorted by name. */
  readonly sourceDigest: string;
}

const MAX_FILE_BYTES = 2 ** 28;
/** Images that are decoded at a time, where there are as many cores: what bounds the memory that packing takes. */
const MAX_PARALLEL = 4;

/**
 * Decodes a folder of images once and for all into four IDX files, so that no epoch decodes and what is trained on does
 * not depend on a decoder's version. At most four images are in memory at a time.
 * @param folder where the files are written
 * @throws DatasetError naming the image that is out of place or cannot be decoded
 */
export async function packImages(
  files: readonly ImageFile[],
  options: PackOptions,
  folder: string,
): Promise<PackedImages> {
  const { classNames, train, test, split } = arrangeImages(files, options);
  const paths: IdxPaths = {
    trainImages: join(folder, 'train-images-idx4-ubyte'),
    trainLabels: join(folder, 'train-labels-idx1-ubyte'),
    testImages: join(folder, 'test-images-idx4-ubyte'),
    testLabels: join(folder, 'test-labels-idx1-ubyte'),
  };
  const digests = [
    ...(await packPart(train, options.input, { images: paths.trainImages, labels: paths.trainLabels })),
    ...(await packPart(test, options.input, { images: paths.testImages, labels: paths.testLabels })),
  ];
  const lines = digests.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  const sourceDigest = sha256(lines.map(({ digest, name }) => `${digest}  ${name}\n`).join(''));
  return { paths, classNames, split, sourceDigest };
}

interface NamedDigest {
  readonly name: string;
  readonly digest: string;
}

async function packPart(
  files: readonly LabelledFile[],
  input: ImageShape,
  paths: { images: string; labels: string },
): Promise<NamedDigest[]> {
  const { channels, height, width } = input;
  const bytes = files.length * channels * height * width;
  if (bytes > MAX_IMAGE_BYTES) {
    const size = `${files.length} images of ${channels} x ${height} x ${width}`;
    throw new DatasetError(`${size} take ${bytes} bytes, expected at most ${MAX_IMAGE_BYTES}`);
  }
  const labels = Uint8Array.from(files, ({ label }) => label);
  await writeFile(paths.labels, Buffer.concat([idxHeader([files.length]), labels]));
  const target = await open(paths.images, 'wx');
  try {
    const header = idxHeader([files.length, channels, height, width]);
    await target.write(header, 0, header.length, 0);
    return await inParallel(files, (file, row) => packImage(file, row, { input, target, header }));
  } finally {
    await target.close();
  }
}

async function packImage(
  { name, path }: LabelledFile,
  row: number,
  { input, target, header }: { input: ImageShape; target: FileHandle; header: Uint8Array },
): Promise<NamedDigest> {
  const content = await readImage(name, path);
  const pixels = await decodeImage(content, name, input);
  await target.write(pixels, 0, pixels.length, header.length + row * pixels.length);
  return { name, digest: sha256(content) };
}

async function readImage(name: string, path: string): Promise<Buffer> {
  try {
    const found = await stat(path);
    if (found.isFile() && found.size <= MAX_FILE_BYTES) return await readFile(path);
  } catch (error) {
    throw new DatasetError(`cannot be read: ${(error as Error).message}`, { file: name }, { cause: error });
  }
  throw new DatasetError(`expected a file of at most ${MAX_FILE_BYTES} bytes`, { file: name });
}

/** `task` of every item, a few at a time; after a failure no other one is begun, and none runs when this settles. */
async function inParallel<T, R>(
  items: readonly T[],
  task: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const failures: unknown[] = [];
  const work = async (): Promise<void> => {
    while (next < items.length && failures.length === 0) {
      const index = next++;
      try {
        results[index] = await task(items[index]!, index);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(MAX_PARALLEL, os.availableParallelism()) }, work));
  if (failures.length > 0) throw failures[0];
  return results;
}
