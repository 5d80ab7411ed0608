import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import { writeBundle } from '#bundle';
import { AppError, type JobProgress, type RatioResult } from '#contracts';
import { createTrainingData, DatasetError, loadIdxDataset, type ImageTrainingData } from '#datasets';
import { createExecutor } from '#engine';
import { trainFamily, TrainingDivergedError, UnreachableRatioError, type TrainFamilyResult } from '#pruning';
import { networkOf } from '#service';
import { ProgressReporter } from './progress-reporter.js';
import type { TrainingOrder, TrainingResult } from './training-messages.js';

/**
 * Trains what the order says and writes the bundle's file.
 * @throws AppError for what the user can mend: dataset_unreadable, dataset_does_not_fit, ratio_unreachable, training_diverged
 */
export async function runTraining(
  order: TrainingOrder,
  onProgress: (progress: JobProgress) => void,
): Promise<TrainingResult> {
  const startedMs = performance.now();
  const data = await trainingData(order);
  const executor = await createExecutor('onnxruntime', { threads: order.threads });
  const reporter = new ProgressReporter(order.training.batchSize, onProgress);
  const trained = await trainFamily({
    network: networkOf(order.network, data.input, data.classes),
    ratios: order.ratios,
    data,
    options: order.training,
    executor,
    onProgress: (progress) => reporter.report(progress),
  }).catch(rethrowUserFault);
  const result: TrainingResult = {
    ratios: ratioResults(trained),
    trainImages: data.trainCount,
    testImages: data.testCount,
    executor: { ...executor.info, cpuModel: os.cpus()[0]?.model ?? 'unknown' },
    trainingSeconds: (performance.now() - startedMs) / 1000,
  };
  await writeFile(order.bundleFile, writeBundle(trained.family, metadataOf(order, result)));
  return result;
}

async function trainingData({ dataset, training }: TrainingOrder): Promise<ImageTrainingData> {
  const loaded = await loadIdxDataset(dataset.files).catch(rethrowDatasetError('dataset_unreadable'));
  if (loaded.digest !== dataset.digest) {
    const detail = `the dataset's files changed after it was registered: their digest is ${loaded.digest}, expected ${dataset.digest}`;
    throw new AppError('dataset_unreadable', detail);
  }
  try {
    return createTrainingData(loaded, training);
  } catch (error) {
    return rethrowDatasetError('dataset_does_not_fit')(error);
  }
}

function ratioResults({ family, accuracies }: TrainFamilyResult): RatioResult[] {
  const accuracyOf = new Map(accuracies.map(({ ratio, accuracy }) => [ratio, accuracy]));
  return family.members.map(({ ratio, threshold, widths, cost }) => {
    return { ratio, threshold, widths: { ...widths }, ...cost, accuracy: accuracyOf.get(ratio) ?? 0 };
  });
}

/** What a bundle says of its origin to who has nothing but the file. */
function metadataOf(order: TrainingOrder, result: TrainingResult): Record<string, unknown> {
  return {
    jobId: order.jobId,
    network: order.network,
    datasetDigest: order.dataset.digest,
    training: order.training,
    accuracies: result.ratios.map(({ ratio, accuracy }) => ({ ratio, accuracy })),
    testImages: result.testImages,
    executor: result.executor,
  };
}

function rethrowDatasetError(code: 'dataset_unreadable' | 'dataset_does_not_fit'): (error: unknown) => never {
  return (error) => {
    throw error instanceof DatasetError ? new AppError(code, error.message, { cause: error }) : error;
  };
}

function rethrowUserFault(error: unknown): never {
  if (error instanceof TrainingDivergedError) {
    const advice = 'lower learningRate or maskLearningRate';
    throw new AppError('training_diverged', `${error.message}; ${advice}`, { cause: error });
  }
  if (error instanceof UnreachableRatioError) {
    throw new AppError('ratio_unreachable', error.message, { cause: error });
  }
  throw error;
}
