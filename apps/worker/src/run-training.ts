import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import { writeBundle } from '#bundle';
import { AppError, TrainingEvaluation, type RatioResult } from '#contracts';
import { createThreadedTrainingData, loadDataset, type ThreadedTrainingData } from '#datasets';
import { createExecutor, ExecutorUnavailableError, type Executor } from '#engine';
import { membersOf, sameSubnets, type TrainFamilyResult } from '#pruning';
import { cpuClass, isochronRelease, isochronVersion } from '#runtime';
import { networkOf } from '#service';
import { bundleMetadata } from './bundle-metadata.js';
import { checkpointFiles } from './checkpoints/checkpoint-files.js';
import { DirectoryCheckpointStore } from './checkpoints/directory-checkpoint-store.js';
import { compareMethods, resultOf, sharesOf } from './compare-methods.js';
import { familyIn } from './family-in.js';
import { ratioResult } from './ratio-result.js';
import { runAdjustment } from './run-adjustment.js';
import { runDerivation } from './run-derivation.js';
import { shareOf } from './share-progress.js';
import { trainResumably, type TrainingListener } from './train-resumably.js';
import type { TrainingOrder, TrainingResult } from './training-messages.js';
import { rethrowDatasetError, rethrowUserFault } from './user-fault.js';

/**
 * Trains what the order says, on from a checkpoint if there is one, or derives ratios of what was trained before, and writes
 * the file of the bundle or of the addendum.
 * @throws AppError for what the user can mend: dataset_unreadable, dataset_does_not_fit, network_invalid,
 * ratio_unreachable, training_diverged; engine_unavailable; TrainingStopped when `stop` asked for it
 */
export async function runTraining(
  order: TrainingOrder,
  listener: TrainingListener,
  stop: AbortSignal,
): Promise<TrainingResult> {
  const data = await trainingData(order);
  try {
    if (order.derivation)
      return await runDerivation(data, await executorOf(order), order, listener.onProgress);
    if (order.adjustment) return await runAdjustment(data, await executorOf(order), order);
    return await trainOn(data, order, listener, stop);
  } finally {
    await data.close();
  }
}

async function trainOn(
  data: ThreadedTrainingData,
  order: TrainingOrder,
  listener: TrainingListener,
  stop: AbortSignal,
): Promise<TrainingResult> {
  const { dataset, network, ratios, untrainedRatios, training } = order;
  // No part of the options: checkpoints of a training that is evaluated in another way are as good.
  const { evaluation = {}, ...options } = training;
  const executor = await executorOf(order);
  const request = {
    network: networkOf(network, data.input, data.classes),
    ...{ ratios, untrainedRatios, data, executor, options },
    evaluation: TrainingEvaluation.parse(evaluation),
    ...(order.warmStart !== undefined && { warmStart: await familyIn(order.warmStart) }),
    environment: { dataset: dataset.digest, cpuClass: cpuClass(), isochron: isochronRelease() },
  };
  const { checkpointFolder: folder } = order;
  const store = new DirectoryCheckpointStore(folder);
  const resumable = { ...training, stop, kept: () => checkpointFiles(folder) };
  const methods = order.comparison?.methods ?? [];
  const shares = sharesOf([training.method, ...methods], request);
  const own = methods.length === 0 ? listener : shareOf(listener, shares.get(training.method)!);
  const trained = await trainResumably(request, { store, name: training.method, ...resumable }, own).catch(
    rethrowUserFault,
  );
  for (const message of sameSubnets(trained.family.members)) listener.onLog({ level: 'warn', message });
  const result: TrainingResult = {
    ratios: ratioResults(trained),
    trainImages: data.trainCount,
    testImages: data.testCount,
    executor: { ...executor.info, cpuModel: os.cpus()[0]?.model ?? 'unknown', cpuClass: cpuClass() },
    seed: training.seed,
    isochronVersion: isochronVersion(),
    trainingMacs: trained.trainingMacs,
    trainingSeconds: trained.trainingSeconds,
  };
  await writeFile(order.bundleFile, writeBundle(trained.family, bundleMetadata(order, result)));
  if (methods.length === 0) return result;
  const others = await compareMethods(methods, request, shares, { ...resumable, folder, listener });
  const ownResult = resultOf(training.method, membersOf({ ratios }, trained), trained);
  return { ...result, comparison: { methods: [ownResult, ...others] } };
}

async function executorOf({ engine: { executor, ...options } }: TrainingOrder): Promise<Executor> {
  try {
    return await createExecutor(executor, options);
  } catch (error) {
    if (!(error instanceof ExecutorUnavailableError)) throw error;
    throw new AppError('engine_unavailable', error.message, { cause: error });
  }
}

async function trainingData({ dataset, training }: TrainingOrder): Promise<ThreadedTrainingData> {
  const { format, files: paths } = dataset;
  const loaded = await loadDataset({ format, paths }).catch(rethrowDatasetError('dataset_unreadable'));
  if (loaded.digest !== dataset.digest) {
    const detail = `the dataset's files changed after it was registered: their digest is ${loaded.digest}, expected ${dataset.digest}`;
    throw new AppError('dataset_unreadable', detail);
  }
  try {
    return createThreadedTrainingData(loaded, training);
  } catch (error) {
    return rethrowDatasetError('dataset_does_not_fit')(error);
  }
}

function ratioResults({ family, accuracies }: TrainFamilyResult): RatioResult[] {
  return family.members.map((member, index) => ratioResult(member, accuracies[index]!));
}
