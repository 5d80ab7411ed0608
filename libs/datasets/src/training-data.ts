import type { ImageShape } from '#network';
import { DatasetError } from './dataset-error.js';
import type { ImageDataset, LabelledImages } from './idx-dataset.js';
import { seededShuffle } from './seeded-shuffle.js';

export interface ImageBatch {
  /** `[batch, channels, height, width]`, normalised by the training set's mean and deviation per channel. */
  readonly images: Float32Array;
  /** `[batch]`. */
  readonly labels: Uint8Array;
}

/** A batch whose entries from `count` on are padding: zero images with label 0. */
export type TestBatch = ImageBatch & { readonly count: number };

export interface BatchOptions {
  readonly batchSize: number;
  readonly seed: number;
  /** Use only the first N images; default: all. */
  readonly trainImages?: number | undefined;
  readonly testImages?: number | undefined;
  /** How many batches BN recalibration sees; fewer where the training images do not fill as many. */
  readonly recalibrationBatches: number;
}

/** Batches for training, BN recalibration and testing. Every batch owns its buffers. */
export interface ImageTrainingData {
  readonly trainCount: number;
  readonly testCount: number;
  readonly input: ImageShape;
  readonly classes: number;
  /** Full batches in an order of the epoch's own; the rest of the images sits the epoch out. */
  trainBatches(epoch: number): Iterable<ImageBatch>;
  recalibrationBatches(): Iterable<ImageBatch>;
  testBatches(): Iterable<TestBatch>;
}

/** Epochs count from 0, so this round's order is none of theirs. */
const RECALIBRATION_ROUND = -1;

/**
 * Cuts a dataset into batches.
 * @throws DatasetError when the dataset has fewer images than asked for, or than one batch.
 */
export function createTrainingData(dataset: ImageDataset, options: BatchOptions): ImageTrainingData {
  const { batchSize, seed } = options;
  const trainCount = countOf('trainImages', options.trainImages, dataset.trainImages);
  const testCount = countOf('testImages', options.testImages, dataset.testImages);
  if (trainCount < batchSize) {
    throw new DatasetError(`${trainCount} training images do not fill one batch of ${batchSize}`);
  }
  const normalise = normaliserOf(dataset);
  const fullBatches = Math.floor(trainCount / batchSize);
  const shuffled = function* (round: number, batches: number) {
    const order = seededShuffle(trainCount, seed, round);
    for (let b = 0; b < batches; b++) {
      yield gather(dataset.train, order.subarray(b * batchSize, (b + 1) * batchSize), batchSize, normalise);
    }
  };
  const inOrder = function* () {
    const order = Uint32Array.from({ length: testCount }, (_, i) => i);
    for (let start = 0; start < testCount; start += batchSize) {
      const rows = order.subarray(start, start + batchSize);
      yield { ...gather(dataset.test, rows, batchSize, normalise), count: rows.length };
    }
  };
  return {
    trainCount,
    testCount,
    input: dataset.input,
    classes: dataset.classes,
    trainBatches: (epoch) => shuffled(epoch, fullBatches),
    recalibrationBatches: () =>
      shuffled(RECALIBRATION_ROUND, Math.min(options.recalibrationBatches, fullBatches)),
    testBatches: inOrder,
  };
}

function countOf(field: string, asked: number | undefined, available: number): number {
  const count = asked ?? available;
  if (Number.isInteger(count) && count >= 1 && count <= available) return count;
  throw new DatasetError(`${field}: ${count} images asked for, expected 1 to ${available} (all there are)`);
}

type Normaliser = (source: Uint8Array, target: Float32Array, offset: number) => void;

/** Writes one normalised image; a table of the 256 values per channel keeps the arithmetic out of the loop. */
function normaliserOf({ mean, std, input }: ImageDataset): Normaliser {
  const plane = input.height * input.width;
  const tables = mean.map((channelMean, c) => {
    // A channel that never changes carries nothing: it becomes 0 everywhere, not infinite.
    const scale = std[c]! > 0 ? 1 / std[c]! : 1;
    return Float32Array.from({ length: 256 }, (_, value) => (value / 255 - channelMean) * scale);
  });
  return (source, target, offset) => {
    tables.forEach((table, c) => {
      for (let i = c * plane; i < (c + 1) * plane; i++) target[offset + i] = table[source[i]!]!;
    });
  };
}

function gather(
  from: LabelledImages,
  rows: Uint32Array,
  batchSize: number,
  normalise: Normaliser,
): ImageBatch {
  const size = from.images.length / from.labels.length;
  const images = new Float32Array(batchSize * size);
  const labels = new Uint8Array(batchSize);
  rows.forEach((row, i) => {
    normalise(from.images.subarray(row * size, (row + 1) * size), images, i * size);
    labels[i] = from.labels[row]!;
  });
  return { images, labels };
}
