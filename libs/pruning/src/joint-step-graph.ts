import {
  GraphBuilder,
  add,
  batchNormTraining,
  crossEntropy,
  distillation,
  mul,
  type Graph,
  type Value,
} from '#graph';
import { sliceNetwork, type Network, type Widths } from '#network';
import { forward } from './forward.js';
import { batchNormLayouts, parameterLayouts, scaleName, shiftName } from './parameters.js';
import type { StepGraphOptions } from './shared-step-graph.js';
import { slicedTensors } from './sliced-tensors.js';
import { TrainedStates } from './trained-states.js';
import { trainingInputs } from './training-inputs.js';

/** Of the distilled distributions, unless another one is asked for: Yu and Huang's released code takes the plain softmax. */
const DEFAULT_TEMPERATURE = 1;

/** Name of a member's own copy of a BatchNorm scale or shift. */
export const memberTensorName = (member: number, name: string): string => `${member}/${name}`;
/** The output that carries a member's loss. */
export const lossName = (member: number): string => `${member}/loss`;

export interface JointStepOptions extends StepGraphOptions {
  readonly batchNormAffine?: 'private' | 'shared' | undefined;
  readonly distillationWeight: number;
  readonly distillationTemperature?: number | undefined;
}

/**
 * One optimizer step of all subnets together (phase 3; the sandwich rule of Yu & Huang 2019, arXiv 1903.05134, with a fixed
 * set of subnets). Each is a prefix slice of the shared weights with a BatchNorm of its own, so a step costs the kept
 * MACs. The first, largest subnet learns from the labels, the others from labels and from its outputs too; gradients
 * sum in the shared weights. Inputs: `images`, `labels`, `learningRate`; outputs: `<member>/loss`.
 * @param widths of every member, the largest first, in sorted channel order.
 */
export function jointStepGraph(
  network: Network,
  widths: readonly Widths[],
  options: JointStepOptions,
): Graph {
  const builder = new GraphBuilder();
  const { images, labels, learningRate } = trainingInputs(builder, network, options.batchSize);
  const states = new TrainedStates(builder, options);
  const layouts = parameterLayouts(network);
  const shared = states.declareAll(layouts);
  const affine = affineSource(network, states, options);
  const outputs = widths.map((kept, member) =>
    builder.labelled(`member ${member}`, () => {
      const sliced = sliceNetwork(network, kept);
      const own = affine(sliced, member, kept);
      return forward(sliced, images, {
        parameter: slicedTensors(layouts, shared, kept),
        normalise: (layer, input) =>
          batchNormTraining(input, own(scaleName(layer)), own(shiftName(layer))).output,
      });
    }),
  );
  const losses = outputs.map((logits, member) =>
    member === 0 ? labelLoss(logits, labels, options) : studentLoss(logits, outputs[0]!, labels, options),
  );
  states.descend(losses.reduce(add), learningRate);
  losses.forEach((loss, member) => builder.output(lossName(member), loss));
  return builder.build();
}

/** Where a member's BatchNorm takes scale and shift from, by layout name and of the member's width. */
function affineSource(
  network: Network,
  states: TrainedStates,
  { batchNormAffine }: JointStepOptions,
): (sliced: Network, member: number, kept: Widths) => (name: string) => Value {
  const layouts = batchNormLayouts(network);
  if (batchNormAffine === 'shared') {
    const shared = states.declareAll(layouts);
    return (_sliced, _member, kept) => slicedTensors(layouts, shared, kept);
  }
  return (sliced, member) => {
    const own = states.declareAll(batchNormLayouts(sliced), (name) => memberTensorName(member, name));
    return (name) => own.get(name)!;
  };
}

/** Labels stay in the mix: soft targets alone cost many points while the teacher itself still knows nothing. */
function studentLoss(logits: Value, teacher: Value, labels: Value, options: JointStepOptions): Value {
  const { distillationWeight, distillationTemperature: temperature = DEFAULT_TEMPERATURE } = options;
  const share = (loss: Value, weight: number): Value => mul(loss, logits.builder.scalar(weight));
  return add(
    share(labelLoss(logits, labels, options), 1 - distillationWeight),
    share(distillation(logits, teacher, { temperature }), distillationWeight),
  );
}

const labelLoss = (logits: Value, labels: Value, { labelSmoothing = 0 }: JointStepOptions): Value =>
  crossEntropy(logits, labels, { labelSmoothing });
