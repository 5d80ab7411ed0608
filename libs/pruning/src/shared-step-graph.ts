import { GraphBuilder, batchNormTraining, crossEntropy, type Graph, type Value } from '#graph';
import type { Network } from '#network';
import { forward } from './forward.js';
import { GraphMask } from './graph-mask.js';
import type { OptimizerOptions } from './optimizer-options.js';
import { batchNormLayouts, parameterLayouts, scaleName, shiftName } from './parameters.js';
import { TrainedStates } from './trained-states.js';
import { trainingInputs } from './training-inputs.js';

export interface StepGraphOptions extends OptimizerOptions {
  readonly batchSize: number;
  readonly labelSmoothing?: number | undefined;
}

/**
 * One optimizer step of the dense network (phase 0). Inputs: `images`, `labels`, `learningRate`; output `loss`; states: all
 * parameters, BatchNorm scales and shifts with the optimizer's moments.
 */
export function denseStepGraph(network: Network, options: StepGraphOptions): Graph {
  return sharedStepGraph(network, options);
}

/**
 * One optimizer step of the network under a mask (phase 1). Besides a dense step's feeds and states: inputs `maskLearningRate`
 * and per group `<group>.keep` (0 or 1 per channel); states `<group>.mask`; outputs `<group>.mask.next`.
 */
export function maskedStepGraph(network: Network, options: StepGraphOptions): Graph {
  return sharedStepGraph(network, options, (builder) => new GraphMask(builder, network));
}

function sharedStepGraph(
  network: Network,
  options: StepGraphOptions,
  createMask?: (builder: GraphBuilder) => GraphMask,
): Graph {
  const builder = new GraphBuilder();
  const { images, labels, learningRate } = trainingInputs(builder, network, options.batchSize);
  const states = new TrainedStates(builder, options);
  const trained = states.declareAll([...parameterLayouts(network), ...batchNormLayouts(network)]);
  const mask = createMask?.(builder);
  const logits = forward(network, images, {
    parameter: (name) => trained.get(name)!,
    normalise: (layer, input) =>
      batchNormTraining(input, trained.get(scaleName(layer))!, trained.get(shiftName(layer))!).output,
    ...(mask && { consume: (output: Value, from: string) => mask.apply(output, from) }),
  });
  const { labelSmoothing = 0, momentum } = options;
  const loss = crossEntropy(logits, labels, { labelSmoothing });
  const maskGradients = states.descend(loss, learningRate, mask?.soft);
  mask?.descend(maskGradients, momentum);
  builder.output('loss', loss);
  return builder.build();
}
