import { GraphBuilder, batchNormTraining, type Graph } from '#graph';
import type { Network } from '#network';
import { forward } from './forward.js';
import { scaleName, shiftName, type Parameters } from './parameters.js';
import { imageInput } from './training-inputs.js';

export const meanName = (layer: string): string => `${layer}.mean`;
export const varianceName = (layer: string): string => `${layer}.variance`;

/**
 * A subnet's forward pass with the batch's own statistics: input `images`, outputs `<layer>.mean` and
 * `<layer>.variance` [channels] of every BatchNorm layer.
 * @param values parameters and BatchNorm scales and shifts, of the subnet's size.
 */
export function recalibrationGraph(network: Network, values: Parameters, batchSize: number): Graph {
  const builder = new GraphBuilder();
  forward(network, imageInput(builder, network, batchSize), {
    parameter: (name) => builder.constant(values[name]!),
    normalise: (layer, input) => {
      const scale = builder.constant(values[scaleName(layer)]!);
      const shift = builder.constant(values[shiftName(layer)]!);
      const { output, mean, variance } = batchNormTraining(input, scale, shift);
      builder.output(meanName(layer), mean);
      builder.output(varianceName(layer), variance);
      return output;
    },
  });
  return builder.build();
}
