import type { Network } from '#network';
import type { Executor } from '#engine';
import type { Fingerprint, TrainingCheckpoint } from './checkpoint.js';
import { evaluate } from './evaluate.js';
import { subnetOf, type Family } from './family.js';
import { checkCheckpoint, fingerprintOf } from './fingerprint.js';
import { ProgressMeter, plannedWork } from './progress-meter.js';
import { recalibrateFamily } from './recalibrate-family.js';
import { solveUniformWidths } from './solve-uniform-widths.js';
import type { TrainingData } from './training-data.js';
import type { TrainFamilyOptions, TrainFamilyProgress } from './training-options.js';
import { TrainingRun, type RunContext } from './training-run.js';

export interface TrainFamilyRequest {
  readonly network: Network;
  /** Ascending, without duplicates, within [0, 1). The first is the largest subnet, which teaches the others. */
  readonly ratios: readonly number[];
  readonly data: TrainingData;
  readonly options: TrainFamilyOptions;
  readonly executor: Executor;
  /** Checked before every step. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainFamilyProgress) => void;
  /** What else the bits depend on and checkpoints are to be told apart by: a dataset's digest, the class of the CPU. */
  readonly environment?: Fingerprint;
  /** A checkpoint of this very training, to go on from. */
  readonly resumeFrom?: TrainingCheckpoint;
  /** Given a checkpoint whenever one is due; training waits for it. */
  readonly onCheckpoint?: (checkpoint: TrainingCheckpoint) => void | Promise<void>;
  /** Asked after every training step, and once all ratios are recalibrated; default: at the end of every epoch. */
  readonly isCheckpointDue?: (position: TrainFamilyProgress, endsEpoch: boolean) => boolean;
}

export interface TrainFamilyResult {
  readonly family: Family;
  /** Top-1 on the test images, 0..1, per ratio. */
  readonly accuracies: { ratio: number; accuracy: number }[];
}

/**
 * Trains one weight set and one soft mask for all ratios (Gong et al. 2022, arXiv 2212.05122; docs/method.md): dense
 * warm-up, mask phase, freeze and sort, joint phase on sliced subnets, BatchNorm recalibration, evaluation. The same
 * seed, data and executor give the same family, bit by bit on a CPU, whether training was interrupted and resumed or not.
 * @throws TrainingDivergedError when a loss is not finite; UnreachableRatioError when a ratio's budget is below what
 * the constraints leave; CheckpointMismatchError when `resumeFrom` is of another training; RangeError on a bad schedule
 * or data that do not fit; the signal's reason when aborted.
 */
export async function trainFamily(request: TrainFamilyRequest): Promise<TrainFamilyResult> {
  checkRequest(request);
  // Whether a budget can be met does not depend on the mask: refuse before any training.
  for (const ratio of request.ratios) solveUniformWidths(request.network, ratio, request.options);
  const { ratios, data, options, onProgress = () => {}, resumeFrom } = request;
  if (resumeFrom) checkCheckpoint(resumeFrom, request);
  const context: RunContext = {
    isCheckpointDue: (_position, endsEpoch) => endsEpoch,
    ...request,
    fingerprint: fingerprintOf(request),
    meter: new ProgressMeter(plannedWork(ratios, data, options), onProgress),
  };
  const family = await recalibrateFamily(new TrainingRun(context));
  return { family, accuracies: await evaluateAll(context, family) };
}

function checkRequest({ network, ratios, data, options }: TrainFamilyRequest): void {
  const refuse = (problem: string): never => {
    throw new RangeError(problem);
  };
  const ascending = ratios.every(
    (ratio, i) => ratio >= 0 && ratio < 1 && (i === 0 || ratio > ratios[i - 1]!),
  );
  if (!ascending || ratios.length === 0) {
    refuse(`ratios [${ratios.join(', ')}]: expected ascending numbers in [0, 1) without duplicates`);
  }
  if (data.classes !== network.classes) {
    refuse(`the data have ${data.classes} classes, the network ${network.classes}`);
  }
  const format = (shape: Network['input']) => `[${shape.channels}, ${shape.height}, ${shape.width}]`;
  if (format(data.input) !== format(network.input)) {
    refuse(`the data's images are ${format(data.input)}, the network takes ${format(network.input)}`);
  }
  if (data.trainCount < options.batchSize || data.testCount < 1) {
    refuse(
      `${data.trainCount} training and ${data.testCount} test images: expected at least one batch of ` +
        `${options.batchSize} and one test image`,
    );
  }
}

async function evaluateAll(
  { data, executor, signal, meter }: RunContext,
  family: Family,
): Promise<TrainFamilyResult['accuracies']> {
  const accuracies: TrainFamilyResult['accuracies'] = [];
  for (const [index, { ratio }] of family.members.entries()) {
    const batches = data.testBatches();
    const accuracy = await evaluate(subnetOf(family, ratio), { executor, batches, signal });
    accuracies.push({ ratio, accuracy });
    meter.report('evaluate', { epoch: 1, epochs: 1, step: index + 1, steps: family.members.length });
  }
  return accuracies;
}
