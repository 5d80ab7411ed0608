import type { ImageDataset } from '../dataset.js';
import type { ImageBatch } from '../batches/image-batch.js';
import {
  batchPlan,
  checkedStep,
  trainingDataOf,
  type BatchOptions,
  type EpochOptions,
  type ImageTrainingData,
} from '../batches/training-data.js';
import { BatchThread } from './batch-thread.js';

/** Training data whose training batches are made ahead, by a thread; one epoch is read at a time. */
export interface ThreadedTrainingData extends Omit<ImageTrainingData, 'trainBatches'> {
  /** The same bits as {@link ImageTrainingData.trainBatches}. Reading another epoch ends it. */
  trainBatches(epoch: number, options?: EpochOptions): AsyncIterable<ImageBatch>;
  /** Ends the thread. */
  close(): Promise<void>;
}

/**
 * Cuts a dataset into batches, as {@link createTrainingData} does, but ahead of their use.
 * @param execArgv options of Node for the thread; default: those of this process
 * @throws DatasetError as {@link createTrainingData} does
 */
export function createThreadedTrainingData(
  dataset: ImageDataset,
  options: BatchOptions,
  execArgv?: readonly string[],
): ThreadedTrainingData {
  const plan = batchPlan(dataset, options);
  const data = trainingDataOf(plan, dataset, options);
  const thread = new BatchThread(plan, execArgv);
  return {
    ...data,
    trainBatches: (epoch, { fromStep = 0 } = {}) => thread.epoch(epoch, checkedStep(plan, fromStep)),
    close: () => thread.close(),
  };
}
