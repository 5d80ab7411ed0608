import type { ImageShape } from '#network';
import { checkInput, countClasses, type ImageDataset } from '../dataset.js';
import { DatasetError } from '../dataset-error.js';
import { digestOfFiles } from '../digest.js';
import type { StoredBytes } from '../read-content.js';
import { readIdxImages, readIdxLabels, type IdxImages, type IdxLabels } from './idx-file.js';

/** Where the four files lie. */
export interface IdxPaths {
  readonly trainImages: string;
  readonly trainLabels: string;
  readonly testImages: string;
  readonly testLabels: string;
}

interface IdxFiles {
  readonly trainImages: IdxImages;
  readonly trainLabels: IdxLabels;
  readonly testImages: IdxImages;
  readonly testLabels: IdxLabels;
}

/**
 * Reads and checks a dataset of four IDX files (gzip too). Classes have their numbers as names.
 * @param maxHeldBytes images of more bytes than this stay in their file
 * @throws DatasetError for damaged files, counts or sizes that differ, labels that are not 0..n-1 and one-class data.
 */
export async function loadIdxDataset(paths: IdxPaths, maxHeldBytes?: number): Promise<ImageDataset> {
  const files: IdxFiles = {
    trainImages: await readIdxImages(paths.trainImages, maxHeldBytes),
    trainLabels: await readIdxLabels(paths.trainLabels),
    testImages: await readIdxImages(paths.testImages, maxHeldBytes),
    testLabels: await readIdxLabels(paths.testLabels),
  };
  checkSizes(paths, files);
  const { trainImages, trainLabels, testImages, testLabels } = files;
  const classes = trainLabels.labels.reduce((most, label) => Math.max(most, label), 0) + 1;
  const classCounts = countClasses(trainLabels.labels, classes, paths.trainLabels);
  checkTestLabels(testLabels, classes, paths.testLabels);
  return {
    input: trainImages.shape,
    classes,
    classNames: classCounts.map((_, label) => String(label)),
    trainImages: trainImages.count,
    testImages: testImages.count,
    classCounts,
    files: {
      trainImages: storedBytes(trainImages),
      trainLabels: storedBytes(trainLabels),
      testImages: storedBytes(testImages),
      testLabels: storedBytes(testLabels),
    },
    digest: digestOfFiles([trainImages, trainLabels, testImages, testLabels]),
    mean: trainImages.mean,
    std: trainImages.std,
    train: { pixels: trainImages.pixels, labels: trainLabels.labels },
    test: { pixels: testImages.pixels, labels: testLabels.labels },
  };
}

const storedBytes = ({ digest, bytes }: StoredBytes): StoredBytes => ({ digest, bytes });

function checkSizes(paths: IdxPaths, files: IdxFiles): void {
  for (const part of ['train', 'test'] as const) {
    const images = files[`${part}Images`].count;
    const labels = files[`${part}Labels`].labels.length;
    if (images !== labels) {
      const detail = `${labels} labels for the ${images} images of ${paths[`${part}Images`]}`;
      throw new DatasetError(detail, { file: paths[`${part}Labels`], byteOffset: 4 });
    }
  }
  const input = files.trainImages.shape;
  checkInput(input, paths.trainImages);
  if (format(input) !== format(files.testImages.shape)) {
    const detail = `test images are ${format(files.testImages.shape)}, training images ${format(input)}`;
    throw new DatasetError(detail, { file: paths.testImages });
  }
}

const format = (s: ImageShape) => `[${s.channels}, ${s.height}, ${s.width}]`;

function checkTestLabels({ labels, firstLabelOffset }: IdxLabels, classes: number, file: string): void {
  const unknown = labels.findIndex((label) => label >= classes);
  if (unknown < 0) return;
  const detail = `label ${labels[unknown]} is not among the training labels 0 to ${classes - 1}`;
  throw new DatasetError(detail, { file, byteOffset: firstLabelOffset + unknown });
}
