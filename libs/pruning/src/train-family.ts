import { sliceNetwork, type Network } from '#network';
import type { Executor } from '#engine';
import { evaluate } from './evaluate.js';
import { costAt, sliceParameters, subnetOf, type Family, type RatioMember } from './family.js';
import { learnMask } from './learn-mask.js';
import type { BatchNormState } from './parameters.js';
import { ProgressMeter, plannedWork } from './progress-meter.js';
import { recalibrate } from './recalibrate.js';
import { solveThresholds, type ThresholdSolution } from './solve-thresholds.js';
import { solveUniformWidths } from './solve-uniform-widths.js';
import { sortChannels } from './sort-channels.js';
import { trainJointly, type JointlyTrained } from './train-jointly.js';
import type { TrainingData } from './training-data.js';
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
  /** Checked before every step. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainFamilyProgress) => void;
}

export interface TrainFamilyResult {
  readonly family: Family;
  /** Top-1 on the test images, 0..1, per ratio. */
  readonly accuracies: { ratio: number; accuracy: number }[];
}

/**
 * Trains one weight set and one soft mask for all ratios (Gong et al. 2022, arXiv 2212.05122; docs/method.md): dense
 * warm-up, mask phase, freeze and sort, joint phase on sliced subnets, BatchNorm recalibration, evaluation. The same
 * seed, data and executor give the same family, bit by bit.
 * @throws TrainingDivergedError when a loss is not finite; UnreachableRatioError when a ratio's budget is below what
 * the constraints leave; RangeError on a bad schedule or data that do not fit; the signal's reason when aborted.
 */
export async function trainFamily(request: TrainFamilyRequest): Promise<TrainFamilyResult> {
  checkRequest(request);
  // Whether a budget can be met does not depend on the mask: refuse before any training.
  for (const ratio of request.ratios) solveUniformWidths(request.network, ratio, request.options);
  const { network, ratios, data, options, onProgress = () => {} } = request;
  const context: RunContext = {
    ...request,
    meter: new ProgressMeter(plannedWork(ratios, data, options), onProgress),
  };
  const run = new TrainingRun(context);
  const { state, mask } = sortChannels(network, await learnMask(run, await warmUp(run)));
  const solutions = solveThresholds(network, mask, ratios, options);
  const trained = await trainJointly(
    run,
    state,
    solutions.map((solution) => solution.widths),
  );
  const members = await recalibrateAll(run, trained, solutions);
  const family: Family = { network, parameters: trained.parameters, mask, members };
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

async function recalibrateAll(
  run: TrainingRun,
  trained: JointlyTrained,
  solutions: readonly ThresholdSolution[],
): Promise<RatioMember[]> {
  const { network, data, options, executor, signal, meter } = run.context;
  const members: RatioMember[] = [];
  for (const [index, { ratio, threshold, widths }] of solutions.entries()) {
    const parameters = sliceParameters(network, trained.parameters, widths);
    const batchNorm = await recalibrate(
      sliceNetwork(network, widths),
      { ...parameters, ...trained.scalesAndShifts[index] },
      {
        executor,
        batches: data.recalibrationBatches(),
        batchSize: options.batchSize,
        maxBatches: options.recalibrationBatches,
        signal,
      },
    );
    members.push({ ratio, threshold, widths, cost: costAt(network, widths), batchNorm });
    if (!isFiniteBatchNorm(batchNorm)) throw run.diverged(ratio, 'BatchNorm statistics are not finite');
    meter.report('recalibrate', { epoch: 1, epochs: 1, step: index + 1, steps: solutions.length });
  }
  return members;
}

/** The weights' last step is behind the last loss: its failure shows here. */
const isFiniteBatchNorm = (state: BatchNormState): boolean =>
  Object.values(state).every(({ mean, variance }) => [...mean, ...variance].every(Number.isFinite));

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
