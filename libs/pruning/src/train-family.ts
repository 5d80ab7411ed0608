import type { Network } from '#network';
import type { Executor } from '#engine';
import type { Fingerprint, TrainingCheckpoint } from './checkpoint.js';
import { checkRequest } from './check-request.js';
import { deriveMembers } from './derive-members.js';
import type { EpochEvaluation } from './epoch-evaluation.js';
import { subnetOf, type Family } from './family.js';
import { checkCheckpoint, fingerprintOf } from './fingerprint.js';
import { freezeMask } from './freeze-mask.js';
import { keepUniformWidths } from './keep-uniform-widths.js';
import { learnMask } from './learn-mask.js';
import { ProgressMeter, plannedWork } from './progress-meter.js';
import { recalibrateFamily } from './recalibrate-family.js';
import { topOneAccuracy } from './top-one-accuracy.js';
import { trainJointly } from './train-jointly.js';
import type { TrainingData } from './training-data.js';
import { trainingMacs } from './training-macs.js';
import type { TrainFamilyOptions, TrainFamilyProgress } from './training-options.js';
import { TrainingRun, type RunContext } from './training-run.js';
import { warmUp } from './warm-up.js';

export interface TrainFamilyRequest {
  readonly network: Network;
  /** Ascending, without duplicates, within [0, 1). The first is the largest subnet, which teaches the others. */
  readonly ratios: readonly number[];
  readonly data: TrainingData;
  readonly options: TrainFamilyOptions;
  readonly executor: Executor;
  /**
   * Ratios to be derived afterwards, without training: ascending, none of `ratios`, between the smallest and the largest of
   * them. They become members beside the trained ones.
   */
  readonly untrainedRatios?: readonly number[] | undefined;
  /** Trained weights of this very network, with a member of ratio 0, that training begins with in place of random ones. */
  readonly warmStart?: Family | undefined;
  /** Checked before every step. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainFamilyProgress) => void;
  /** Default: accuracy is measured at the end alone. */
  readonly evaluation?: EpochEvaluation | undefined;
  /**
   * Told of what was evaluated behind an epoch's last step, after its progress and before its checkpoint.
   * @param accuracies of `ratios` in their order; before the joint phase, of the dense network alone
   */
  readonly onEvaluated?: (position: TrainFamilyProgress, accuracies: readonly number[]) => void;
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
  /** Top-1 on the test images, 0..1, of the family's members in their order. */
  readonly accuracies: readonly number[];
  /** Multiply-accumulates of all training steps. */
  readonly trainingMacs: number;
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
  const { network, ratios, untrainedRatios = [], data, options, onProgress = () => {}, resumeFrom } = request;
  if (resumeFrom) checkCheckpoint(resumeFrom, request);
  const context: RunContext = {
    isCheckpointDue: (_position, endsEpoch) => endsEpoch,
    ...request,
    fingerprint: fingerprintOf(request),
    meter: new ProgressMeter(plannedWork([...ratios, ...untrainedRatios], data, options), onProgress),
  };
  const trained = await trainPhases(new TrainingRun(context));
  const family = await deriveMembers(trained, untrainedRatios, context);
  const widths = trained.members.map((member) => member.widths);
  return {
    family,
    accuracies: await evaluateAll(context, family),
    trainingMacs: trainingMacs(network, widths, options, data.trainCount),
  };
}

/** All phases in their order; one that a checkpoint lies behind does not ask for what came before it. */
function trainPhases(run: TrainingRun): Promise<Family> {
  const { method } = run.context.options;
  const dense = () => warmUp(run);
  const sorted = () =>
    method === 'uniform-slimmable'
      ? keepUniformWidths(run, dense)
      : freezeMask(run, () => learnMask(run, dense));
  return recalibrateFamily(run, () => trainJointly(run, sorted));
}

async function evaluateAll({ data, executor, signal, meter }: RunContext, family: Family): Promise<number[]> {
  const accuracies: number[] = [];
  for (const [index, { ratio }] of family.members.entries()) {
    const batches = data.testBatches();
    accuracies.push(await topOneAccuracy(subnetOf(family, ratio), { executor, batches, signal }));
    meter.report('evaluate', { epoch: 1, epochs: 1, step: index + 1, steps: family.members.length });
  }
  return accuracies;
}
