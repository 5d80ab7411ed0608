import { createHash } from 'node:crypto';
import type { ImageShape } from '#network';
import { DatasetError } from './dataset-error.js';
import { readIdxImages, readIdxLabels, type IdxImages, type IdxLabels } from './idx-file.js';
import { channelStatistics, type ChannelStatistics } from './channel-statistics.js';
import type { StoredBytes } from './read-content.js';

/** Where the four files lie. */
export interface IdxPaths {
  readonly trainImages: string;
  readonly trainLabels: string;
  readonly testImages: string;
  readonly testLabels: string;
}

export type IdxFile = keyof IdxPaths;

export interface LabelledImages {
  /** `[count, channels, height, width]`, 0..255. */
  readonly images: Uint8Array;
  /** `[count]`, 0..classes-1. */
  readonly labels: Uint8Array;
}

/** What is in a dataset, without the images. */
export interface DatasetDescription {
  readonly input: ImageShape;
  readonly classes: number;
  readonly trainImages: number;
  readonly testImages: number;
  /** Training images per class. */
  readonly classCounts: readonly number[];
  readonly files: Readonly<Record<IdxFile, StoredBytes>>;
  /** SHA-256 over the four files' digests. */
  readonly digest: string;
}

export interface ImageDataset extends DatasetDescription, ChannelStatistics {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
}

/** Smaller images leave a network with three stages nothing to look at; larger or deeper ones are no such input. */
const LIMITS = { channels: [1, 16], height: [8, 512], width: [8, 512] } as const;

/**
 * Reads and checks a dataset of four IDX files (gzip too).
 * @throws DatasetError for damaged files, counts or sizes that differ, labels that are not 0..n-1 and one-class data.
 */
export async function loadIdxDataset(paths: IdxPaths): Promise<ImageDataset> {
  const { description, files } = await readDataset(paths);
  return {
    ...description,
    ...channelStatistics(files.trainImages.images, description.input),
    train: { images: files.trainImages.images, labels: files.trainLabels.labels },
    test: { images: files.testImages.images, labels: files.testLabels.labels },
  };
}

/**
 * Reads and checks a dataset as {@link loadIdxDataset} does and says what is in it.
 * @throws DatasetError as {@link loadIdxDataset} does.
 */
export async function describeIdxDataset(paths: IdxPaths): Promise<DatasetDescription> {
  return (await readDataset(paths)).description;
}

interface IdxContents {
  trainImages: IdxImages;
  trainLabels: IdxLabels;
  testImages: IdxImages;
  testLabels: IdxLabels;
}

async function readDataset(
  paths: IdxPaths,
): Promise<{ description: DatasetDescription; files: IdxContents }> {
  const files: IdxContents = {
    trainImages: await readIdxImages(paths.trainImages),
    trainLabels: await readIdxLabels(paths.trainLabels),
    testImages: await readIdxImages(paths.testImages),
    testLabels: await readIdxLabels(paths.testLabels),
  };
  checkSizes(paths, files);
  const classCounts = countClasses(paths, files);
  const stored = {
    trainImages: storedBytes(files.trainImages),
    trainLabels: storedBytes(files.trainLabels),
    testImages: storedBytes(files.testImages),
    testLabels: storedBytes(files.testLabels),
  };
  const description = {
    input: files.trainImages.shape,
    classes: classCounts.length,
    trainImages: files.trainImages.count,
    testImages: files.testImages.count,
    classCounts,
    files: stored,
    digest: digestOf(stored),
  };
  return { description, files };
}

const storedBytes = ({ digest, bytes }: StoredBytes): StoredBytes => ({ digest, bytes });

function digestOf(files: Record<IdxFile, StoredBytes>): string {
  const order = [files.trainImages, files.trainLabels, files.testImages, files.testLabels];
  return createHash('sha256')
    .update(order.map((file) => file.digest).join('\n'))
    .digest('hex');
}

function checkSizes(paths: IdxPaths, files: IdxContents): void {
  for (const part of ['train', 'test'] as const) {
    const images = files[`${part}Images`].count;
    const labels = files[`${part}Labels`].labels.length;
    if (images !== labels) {
      const detail = `${labels} labels for the ${images} images of ${paths[`${part}Images`]}`;
      throw new DatasetError(detail, { file: paths[`${part}Labels`], byteOffset: 4 });
    }
  }
  const input = files.trainImages.shape;
  for (const side of ['channels', 'height', 'width'] as const) {
    const [least, most] = LIMITS[side];
    if (input[side] < least || input[side] > most) {
      const detail = `${side} of the images is ${input[side]}, expected ${least} to ${most}`;
      throw new DatasetError(detail, { file: paths.trainImages });
    }
  }
  if (format(input) !== format(files.testImages.shape)) {
    const detail = `test images are ${format(files.testImages.shape)}, training images ${format(input)}`;
    throw new DatasetError(detail, { file: paths.testImages });
  }
}

const format = (s: ImageShape) => `[${s.channels}, ${s.height}, ${s.width}]`;

function countClasses(paths: IdxPaths, files: IdxContents): number[] {
  const counts: number[] = [];
  for (const label of files.trainLabels.labels) counts[label] = (counts[label] ?? 0) + 1;
  const missing = Array.from(counts.keys()).filter((label) => counts[label] === undefined);
  if (missing.length > 0) {
    const named = missing.slice(0, 5).join(', ') + (missing.length > 5 ? ', …' : '');
    const detail = `no image of class ${named}; labels must be 0 to ${counts.length - 1} without gaps`;
    throw new DatasetError(detail, { file: paths.trainLabels });
  }
  if (counts.length < 2) {
    const detail = 'every training image has label 0, expected at least 2 classes';
    throw new DatasetError(detail, { file: paths.trainLabels });
  }
  const { labels, firstLabelOffset } = files.testLabels;
  const unknown = labels.findIndex((label) => label >= counts.length);
  if (unknown >= 0) {
    const detail = `label ${labels[unknown]} is not among the training labels 0 to ${counts.length - 1}`;
    throw new DatasetError(detail, { file: paths.testLabels, byteOffset: firstLabelOffset + unknown });
  }
  return counts;
}
