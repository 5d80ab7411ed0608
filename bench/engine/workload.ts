import type { Graph, Tensor } from '#graph';
import { denseWidths, sliceNetwork, type Network, type Widths } from '#network';
import {
  denseStepGraph,
  initialParameters,
  initialScaleAndShift,
  jointStepGraph,
  lossName,
  parameterShapes,
  memberTensorName,
  randomGenerator,
} from '#pruning';

interface Training {
  readonly batchSize: number;
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  readonly distillationWeight: number;
}

/** One training step that the benchmark times, as data: both sides make theirs from it. */
export interface Workload {
  readonly network: Network;
  /** Kept channels of each subnet of a joint step, the largest first; absent: the dense network's own step. */
  readonly members?: readonly Widths[];
  readonly training: Training;
}

/** One network that a step trains, as a side that knows no channel groups needs it. */
export interface WorkloadPart {
  /** Already sliced. */
  readonly network: Network;
  /** Of its weights and biases, by name: the leading block of the shared ones. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** Stands before the names of its BatchNorm's scales and shifts. */
  readonly batchNormPrefix: string;
}

export function partsOf({ network, members }: Workload): WorkloadPart[] {
  return (members ?? [denseWidths(network)]).map((widths, member) => {
    const sliced = sliceNetwork(network, widths);
    const batchNormPrefix = members ? memberTensorName(member, '') : '';
    return { network: sliced, shapes: parameterShapes(sliced), batchNormPrefix };
  });
}

/** The step as a graph; it is fed `images`, `labels` and `learningRate`. */
export function graphOf({ network, members, training }: Workload): Graph {
  return members ? jointStepGraph(network, members, training) : denseStepGraph(network, training);
}

/** Names of the graph's losses, one for each part. */
export const lossNamesOf = ({ members }: Workload): string[] =>
  members ? members.map((_, member) => lossName(member)) : ['loss'];

/** What every side begins with: weights, BatchNorm's scales and shifts, and one batch of noise with labels. */
export function initialTensors(workload: Workload, seed: number): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = initialParameters(workload.network, seed);
  for (const { network, batchNormPrefix } of partsOf(workload)) {
    for (const [name, tensor] of Object.entries(initialScaleAndShift(network))) {
      tensors[`${batchNormPrefix}${name}`] = tensor;
    }
  }
  return { ...tensors, ...noiseBatch(workload, seed + 1) };
}

/** Normally distributed pixels, as of standardised images; a step's time does not depend on what is in them. */
function noiseBatch({ network, training }: Workload, seed: number): Record<string, Tensor> {
  const random = randomGenerator(seed);
  const { channels, height, width } = network.input;
  const shape = [training.batchSize, channels, height, width];
  const size = shape.reduce((product, side) => product * side, 1);
  const labels = new Float32Array(training.batchSize * network.classes);
  for (let image = 0; image < training.batchSize; image++) {
    labels[image * network.classes + Math.floor(random.uniform() * network.classes)] = 1;
  }
  return {
    images: { shape, data: Float32Array.from({ length: size }, () => random.normal()) },
    labels: { shape: [training.batchSize, network.classes], data: labels },
  };
}
