import { GraphBuilder, batchNormTraining, type Graph } from '#graph';
import type { Network } from '#network';
import { forward } from './forward.js';
import { scaleOf, shiftOf, type Parameters } from './parameters.js';
import { imageInput } from './training-inputs.js';

export const meanOf = (layer: string): string => `${layer}.mean`;
export const varianceOf = (layer: string): string => `${layer}.variance`;

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
      const scale = builder.constant(values[scaleOf(layer)]!);
      const shift = builder.constant(values[shiftOf(layer)]!);
      const { output, mean, variance } = batchNormTraining(input, scale, shift);
      builder.output(meanOf(layer), mean);
      builder.output(varianceOf(layer), variance);
      return output;
    },
  });
  return builder.build();
}
