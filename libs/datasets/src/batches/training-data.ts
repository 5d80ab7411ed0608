import type { ImageShape } from '#network';
import type { ImageDataset } from '../dataset.js';
import { DatasetError } from '../dataset-error.js';
import type { Augmentation } from './augmentation.js';
import { batchMaker, epochBatches, epochRows, type BatchPlan } from './batch-plan.js';
import type { ImageBatch, TestBatch } from './image-batch.js';

export interface BatchOptions {
  readonly batchSize: number;
  readonly seed: number;
  /** Use only the first N images; default: all. */
  readonly trainImages?: number | undefined;
  readonly testImages?: number | undefined;
  /** How many batches BN recalibration sees; fewer where the training images do not fill as many. */
  readonly recalibrationBatches: number;
  /** Of training batches alone; default: none. */
  readonly augmentation?: Augmentation | undefined;
}

export interface EpochOptions {
  /** Leaves out the batches before this step (from 0) of the epoch: those that are left have the same bits as ever. */
  readonly fromStep?: number | undefined;
}

/** Batches for training, BN recalibration and testing. Every batch owns its buffers. */
export interface ImageTrainingData {
  readonly trainCount: number;
  readonly testCount: number;
  readonly input: ImageShape;
  readonly classes: number;
  /** Full batches in an order of the epoch's own, augmented; the rest of the images sits the epoch out. */
  trainBatches(epoch: number, options?: EpochOptions): Iterable<ImageBatch>;
  /** Not augmented: BatchNorm's statistics are to be those of images as devices see them. */
  recalibrationBatches(): Iterable<ImageBatch>;
  testBatches(): Iterable<TestBatch>;
}

/** Epochs count from 0, so this round's order is none of theirs. */
const RECALIBRATION_ROUND = -1;

/**
 * Cuts a dataset into batches, made as they are asked for.
 * @throws DatasetError when the dataset has fewer images than asked for, or than one batch, or smaller ones than `crop`.
 */
export function createTrainingData(dataset: ImageDataset, options: BatchOptions): ImageTrainingData {
  return trainingDataOf(batchPlan(dataset, options), dataset, options);
}

/** @throws DatasetError as {@link createTrainingData} does */
export function batchPlan(dataset: ImageDataset, options: BatchOptions): BatchPlan {
  const { batchSize, seed, augmentation = {} } = options;
  const { input, mean, std, train } = dataset;
  const trainCount = countOf('trainImages', options.trainImages, dataset.trainImages);
  if (trainCount < batchSize) {
    throw new DatasetError(`${trainCount} training images do not fill one batch of ${batchSize}`);
  }
  const side = Math.min(input.height, input.width);
  if ((augmentation.crop ?? 0) >= side) {
    throw new DatasetError(
      `augmentation.crop: ${augmentation.crop} pixels, expected fewer than an image's ${side}`,
    );
  }
  return { input, mean, std, train, trainCount, batchSize, seed, augmentation };
}

/** @throws DatasetError as {@link createTrainingData} does */
export function trainingDataOf(
  plan: BatchPlan,
  dataset: ImageDataset,
  options: BatchOptions,
): ImageTrainingData {
  const { trainCount, batchSize, input } = plan;
  const testCount = countOf('testImages', options.testImages, dataset.testImages);
  const make = batchMaker(plan);
  const recalibration = function* () {
    let left = options.recalibrationBatches;
    for (const rows of epochRows(plan, RECALIBRATION_ROUND, 0)) {
      if (left-- === 0) return;
      yield make(dataset.train, rows);
    }
  };
  const inOrder = function* () {
    const order = Uint32Array.from({ length: testCount }, (_, i) => i);
    for (let start = 0; start < testCount; start += batchSize) {
      const rows = order.subarray(start, start + batchSize);
      yield { ...make(dataset.test, rows), count: rows.length };
    }
  };
  return {
    trainCount,
    testCount,
    input,
    classes: dataset.classes,
    trainBatches: (epoch, { fromStep = 0 } = {}) => epochBatches(plan, epoch, checkedStep(plan, fromStep)),
    recalibrationBatches: recalibration,
    testBatches: inOrder,
  };
}

/** @throws RangeError for a step that the epoch does not have; its end counts as one */
export function checkedStep({ trainCount, batchSize }: BatchPlan, fromStep: number): number {
  const steps = Math.floor(trainCount / batchSize);
  if (Number.isInteger(fromStep) && fromStep >= 0 && fromStep <= steps) return fromStep;
  throw new RangeError(`fromStep: ${fromStep}, expected 0 to ${steps}, the epoch's steps`);
}

function countOf(field: string, asked: number | undefined, available: number): number {
  const count = asked ?? available;
  if (Number.isInteger(count) && count >= 1 && count <= available) return count;
  throw new DatasetError(`${field}: ${count} images asked for, expected 1 to ${available} (all there are)`);
}
