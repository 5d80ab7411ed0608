import { GraphBuilder, add, batchNormInference, reshape, type Graph, type Value } from '#graph';
import type { Subnet } from './family.js';
import { foldBatchNorm } from './fold-batch-norm.js';
import { forward } from './forward.js';

/**
 * A subnet's forward pass as a graph of its own: input `input` [batch, channels, height, width], output `logits`
 * [batch, classes]. BatchNorm behind a convolution becomes part of its filters and a bias.
 */
export function inferenceGraph(subnet: Subnet, { batch }: { batch: number }): Graph {
  const { network } = subnet;
  const builder = new GraphBuilder();
  const { channels, height, width } = network.input;
  const folded = foldBatchNorm(subnet);
  const vector = (data: Float32Array): Value => builder.constant({ shape: [data.length], data });
  const logits = forward(network, builder.input('input', [batch, channels, height, width]), {
    parameter: (name) => builder.constant(folded.parameters[name]!),
    normalise: (layer, input) => {
      const bias = folded.biases.get(layer);
      if (bias) return add(input, reshape(vector(bias), [1, bias.length, 1, 1]));
      const { scale, shift, mean, variance } = subnet.batchNorm[layer]!;
      return batchNormInference(input, {
        scale: vector(scale),
        shift: vector(shift),
        mean: vector(mean),
        variance: vector(variance),
      });
    },
  });
  builder.output('logits', logits);
  return builder.build();
}
