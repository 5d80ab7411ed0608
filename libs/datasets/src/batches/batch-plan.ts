import type { ImageShape } from '#network';
import type { ChannelStatistics } from '../channel-statistics.js';
import type { LabelledImages } from '../dataset.js';
import { drawPlacement, UNMOVED, type Augmentation, type Placement } from './augmentation.js';
import type { ImageBatch } from './image-batch.js';
import { readPixels } from './pixel-reader.js';
import { seededShuffle } from './seeded-shuffle.js';
import { imageWriter } from './write-image.js';

/** All that an epoch's batches follow from: plain data, which a thread can be given. */
export interface BatchPlan extends ChannelStatistics {
  readonly input: ImageShape;
  readonly train: LabelledImages;
  /** Only the first so many images are used. */
  readonly trainCount: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly augmentation: Augmentation;
}

/** Makes batches of any labelled images, `at` placing each of them by its row. */
export type BatchMaker = (
  from: LabelledImages,
  rows: Uint32Array,
  at?: (row: number) => Placement,
) => ImageBatch;

export function batchMaker(plan: Pick<BatchPlan, 'input' | 'mean' | 'std' | 'batchSize'>): BatchMaker {
  const { input, batchSize } = plan;
  const write = imageWriter(input, plan);
  const size = input.channels * input.height * input.width;
  return (from, rows, at = () => UNMOVED) => {
    const images = new Float32Array(batchSize * size);
    const labels = new Uint8Array(batchSize);
    let i = 0;
    for (const image of readPixels(from.pixels, rows, size)) {
      write(image, images, i * size, at(rows[i]!));
      labels[i] = from.labels[rows[i]!]!;
      i++;
    }
    return { images, labels };
  };
}

/** Which images each batch of an epoch has, in an order of the epoch's own. */
export function* epochRows(
  { trainCount, batchSize, seed }: BatchPlan,
  epoch: number,
  fromStep: number,
): Iterable<Uint32Array> {
  const order = seededShuffle(trainCount, seed, epoch);
  for (let end = (fromStep + 1) * batchSize; end <= trainCount; end += batchSize) {
    yield order.subarray(end - batchSize, end);
  }
}

/** The full batches of an epoch from a step on, augmented: the same bits whoever makes them, and wherever it begins. */
export function* epochBatches(plan: BatchPlan, epoch: number, fromStep: number): Iterable<ImageBatch> {
  const make = batchMaker(plan);
  const { seed, augmentation } = plan;
  const at = (image: number) => drawPlacement(augmentation, { seed, epoch, image });
  for (const rows of epochRows(plan, epoch, fromStep)) yield make(plan.train, rows, at);
}
