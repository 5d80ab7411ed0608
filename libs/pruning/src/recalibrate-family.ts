import type { Tensor } from '#graph';
import type { Network } from '#network';
import type { TrainingCheckpoint } from './checkpoint.js';
import { costAt, type Family, type RatioMember } from './family.js';
import { maskIn, maskTensors } from './graph-mask.js';
import { memberTensorName } from './joint-step-graph.js';
import { isFiniteBatchNorm, parameterLayouts, scaleName, shiftName } from './parameters.js';
import { recalibrate } from './recalibrate.js';
import { meanName, varianceName } from './recalibration-graph.js';
import { trainedSubnet, type JointlyTrained } from './train-jointly.js';
import type { TrainingRun } from './training-run.js';

/**
 * Phase 4: gives every ratio BatchNorm statistics of its own.
 * @param train phase 3; not asked for where a checkpoint lies behind it
 */
export async function recalibrateFamily(
  run: TrainingRun,
  train: () => Promise<JointlyTrained>,
): Promise<Family> {
  const { network, meter } = run.context;
  const resumed = run.checkpointOf('recalibrate');
  if (resumed) return familyFromCheckpoint(network, resumed);
  const trained = await train();
  const { mask, parameters, solutions } = trained;
  const members: RatioMember[] = [];
  for (const index of solutions.keys()) {
    members.push(await recalibrateMember(run, trained, index));
    const position = meter.report('recalibrate', {
      epoch: 1,
      epochs: 1,
      step: index + 1,
      steps: solutions.length,
    });
    const family = { network, parameters, mask, members };
    if (members.length < solutions.length) continue;
    await run.checkpoint(position, true, () => ({ tensors: checkpointTensors(family), solutions }));
  }
  return { network, parameters, mask, members };
}

async function recalibrateMember(
  run: TrainingRun,
  trained: JointlyTrained,
  index: number,
): Promise<RatioMember> {
  const { network, data, options, executor, signal } = run.context;
  const { ratio, threshold, widths } = trained.solutions[index]!;
  const subnet = trainedSubnet(network, trained, index);
  const batchNorm = await recalibrate(subnet.network, subnet.values, {
    executor,
    signal,
    batches: data.recalibrationBatches(),
    batchSize: options.batchSize,
    maxBatches: options.recalibrationBatches,
  });
  // The weights' last step is behind the last loss: its failure shows here.
  if (!isFiniteBatchNorm(batchNorm)) throw run.diverged(ratio, 'BatchNorm is not finite');
  return { ratio, threshold, widths, cost: costAt(network, widths), batchNorm };
}

/** BatchNorm's four vectors, with the state name of each. */
const VECTORS = { scale: scaleName, shift: shiftName, mean: meanName, variance: varianceName };

/** A family as a checkpoint holds it: shared weights, mask, and BatchNorm under each member's own names. */
function checkpointTensors({ parameters, mask, members }: Family): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = { ...parameters, ...maskTensors(mask) };
  members.forEach(({ batchNorm }, member) => {
    for (const [layer, values] of Object.entries(batchNorm)) {
      for (const vector of Object.keys(VECTORS) as (keyof typeof VECTORS)[]) {
        const data = values[vector];
        tensors[memberTensorName(member, VECTORS[vector](layer))] = { shape: [data.length], data };
      }
    }
  });
  return tensors;
}

/** The way back from `checkpointTensors`. */
function familyFromCheckpoint(network: Network, { tensors, solutions = [] }: TrainingCheckpoint): Family {
  const layers = network.layers.filter(({ kind }) => kind === 'batch-norm');
  const members = solutions.map(({ ratio, threshold, widths }, member): RatioMember => {
    const vector = (name: string) => tensors[memberTensorName(member, name)]!.data;
    const batchNorm = Object.fromEntries(
      layers.map(({ name }) => [
        name,
        {
          scale: vector(scaleName(name)),
          shift: vector(shiftName(name)),
          mean: vector(meanName(name)),
          variance: vector(varianceName(name)),
        },
      ]),
    );
    return { ratio, threshold, widths, cost: costAt(network, widths), batchNorm };
  });
  const parameters = Object.fromEntries(parameterLayouts(network).map(({ name }) => [name, tensors[name]!]));
  return { network, parameters, mask: maskIn(network, tensors), members };
}
