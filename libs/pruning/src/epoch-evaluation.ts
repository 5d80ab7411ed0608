import type { Executor } from '#engine';
import type { Network } from '#network';
import type { Parameters } from './parameters.js';
import { recalibrate } from './recalibrate.js';
import { topOneAccuracy } from './top-one-accuracy.js';
import type { Batches, TestBatch, TrainingData } from './training-data.js';
import type { TrainFamilyOptions, TrainFamilyProgress } from './training-options.js';

/** How accuracy is measured between epochs. It changes no bit of what is trained. */
export interface EpochEvaluation {
  /** Of every phase that trains; 0: never. */
  readonly everyEpochs: number;
  /** The first test images, so many at most. */
  readonly images: number;
}

/** A subnet that is being trained: it has no BatchNorm statistics yet. */
export interface UnfinishedSubnet {
  /** Already sliced. */
  readonly network: Network;
  /** Its parameters and BatchNorm scales and shifts; others are passed over. */
  readonly values: Parameters;
}

interface EvaluationParts {
  readonly data: Pick<TrainingData, 'recalibrationBatches' | 'testBatches'>;
  readonly options: Pick<TrainFamilyOptions, 'batchSize' | 'recalibrationBatches'>;
  readonly executor: Executor;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Whether a step ends an epoch that is evaluated: all ratios in the joint phase, the dense network in the phases before, where it is
 * one of the ratios.
 */
export function isEvaluationDue(
  {
    ratios,
    evaluation,
  }: { readonly ratios: readonly number[]; readonly evaluation?: EpochEvaluation | undefined },
  { phase, epoch, epochs, step, steps }: TrainFamilyProgress,
): boolean {
  const { everyEpochs = 0 } = evaluation ?? {};
  if (everyEpochs === 0 || epoch % everyEpochs !== 0 || step * epochs !== epoch * steps) return false;
  return phase === 'joint' || ((phase === 'warm-up' || phase === 'mask') && ratios[0] === 0);
}

/**
 * Top-1 accuracies, 0..1, of subnets as they would be were training over: each with BatchNorm statistics of its own, from the batches
 * that they are taken from at the end.
 * @throws RangeError when there is no image; the signal's reason.
 */
export async function evaluateUnfinished(
  subnets: readonly UnfinishedSubnet[],
  images: number,
  { data, options, executor, signal }: EvaluationParts,
): Promise<number[]> {
  const accuracies: number[] = [];
  for (const { network, values } of subnets) {
    const batchNorm = await recalibrate(network, values, {
      ...{ executor, signal, batches: data.recalibrationBatches() },
      ...{ batchSize: options.batchSize, maxBatches: options.recalibrationBatches },
    });
    const batches = firstImages(data.testBatches(), images);
    accuracies.push(
      await topOneAccuracy({ network, parameters: values, batchNorm }, { executor, batches, signal }),
    );
  }
  return accuracies;
}

async function* firstImages(batches: Batches<TestBatch>, images: number): AsyncGenerator<TestBatch> {
  let left = images;
  for await (const batch of batches) {
    yield { ...batch, count: Math.min(batch.count, left) };
    left -= batch.count;
    if (left <= 0) return;
  }
}
