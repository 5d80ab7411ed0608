import type { ImageShape } from '#network';

export interface Batch {
  /** [batch, channels, height, width], normalised. */
  readonly images: Float32Array;
  /** [batch], class indices. */
  readonly labels: Uint8Array;
}

export interface TestBatch extends Batch {
  /** How many of the batch are real; the last one may be padded to full size. */
  readonly count: number;
}

/** Batches as they come, or as they get ready while others are trained on. */
export type Batches<B extends Batch> = Iterable<B> | AsyncIterable<B>;

/** Where training takes its batches from; all of one size, the same ones for the same epoch. */
export interface TrainingData {
  readonly trainCount: number;
  readonly testCount: number;
  readonly input: ImageShape;
  readonly classes: number;
  /**
   * Full batches of one epoch (from 0), floor(trainCount / batch size) of them; those from `fromStep` (default 0) on
   * where a training is resumed within the epoch.
   */
  trainBatches(epoch: number, options?: { readonly fromStep?: number }): Batches<Batch>;
  /** Training batches whose statistics become BatchNorm's. */
  recalibrationBatches(): Batches<Batch>;
  testBatches(): Batches<TestBatch>;
}
