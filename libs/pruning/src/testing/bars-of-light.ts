import type { Batch, TrainingData } from '../index.js';
import { randomGenerator } from '../random-generator.js';

export const BARS_INPUT = { channels: 1, height: 8, width: 8 };
export const BARS_CLASSES = 4;

/** `batchSize` images; each class is a bar of light in a place of its own, under noise. */
export function barsOfLight(batchSize: number, seed: number): Batch {
  const random = randomGenerator(seed);
  const labels = Uint8Array.from({ length: batchSize }, () => Math.floor(random.uniform() * BARS_CLASSES));
  const images = Float32Array.from({ length: batchSize * 64 }, (_, i) => {
    const row = Math.floor((i % 64) / 8);
    return 0.7 * random.normal() + (Math.floor(row / 2) === labels[Math.floor(i / 64)] ? 1 : 0);
  });
  return { images, labels };
}

/** Data of `steps` batches per epoch, another order of images in every epoch. */
export function barsData({ batchSize, steps }: { batchSize: number; steps: number }): TrainingData {
  const batches = (count: number, seed: number) =>
    Array.from({ length: count }, (_, i) => barsOfLight(batchSize, seed + i));
  return {
    trainCount: steps * batchSize,
    testCount: 2 * batchSize,
    input: BARS_INPUT,
    classes: BARS_CLASSES,
    trainBatches: (epoch, { fromStep = 0 } = {}) => batches(steps, 1000 * (epoch + 1)).slice(fromStep),
    recalibrationBatches: () => batches(2, 500_000),
    testBatches: () => batches(2, 900_000).map((batch) => ({ ...batch, count: batchSize })),
  };
}
