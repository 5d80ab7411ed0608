import type { ImageDataset, LabelledImages, Pixels } from './dataset.js';
import { DatasetError } from './dataset-error.js';

export interface HeldOut {
  /** Row of the first training image that is held out. */
  readonly from: number;
  readonly count: number;
}

/**
 * A dataset whose test images are some of its training images, which no training sees: those before row `from` are left
 * for training. Options are chosen on such a dataset, so that the test images stay unseen until they are reported.
 * Channel statistics are those of the whole dataset.
 * @throws DatasetError when the dataset has not as many training images, or none would be left
 */
export function holdOut(dataset: ImageDataset, { from, count }: HeldOut): ImageDataset {
  const { trainImages, train, input } = dataset;
  const fits = Number.isInteger(from) && Number.isInteger(count) && from >= 1 && count >= 1;
  if (!fits || from + count > trainImages) {
    throw new DatasetError(
      `${count} images from row ${from} on cannot be held out of ${trainImages} training images`,
    );
  }
  const imageBytes = input.channels * input.height * input.width;
  const test: LabelledImages = {
    pixels: pixelsFrom(train.pixels, from * imageBytes, count * imageBytes),
    labels: train.labels.subarray(from, from + count),
  };
  const left: LabelledImages = { ...train, labels: train.labels.subarray(0, from) };
  return { ...dataset, train: left, test, trainImages: from, testImages: count };
}

function pixelsFrom(pixels: Pixels, offset: number, bytes: number): Pixels {
  if (pixels.kind === 'held') return { kind: 'held', bytes: pixels.bytes.subarray(offset, offset + bytes) };
  return { ...pixels, offset: pixels.offset + offset };
}
