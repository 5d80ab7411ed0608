import {
  BN_EPSILON,
  GraphBuilder,
  add,
  batchNormInference,
  reshape,
  type Graph,
  type Tensor,
  type Value,
} from '#graph';
import { inputsOf, type Network } from '#network';
import type { Subnet } from './family.js';
import { forward } from './forward.js';
import { weightName, type BatchNormValues, type Parameters } from './parameters.js';

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

/** Filters with BatchNorm's factor in them, and the bias that is left, by BatchNorm layer. */
function foldBatchNorm(subnet: Subnet): {
  readonly parameters: Parameters;
  readonly biases: ReadonlyMap<string, Float32Array>;
} {
  const parameters = { ...subnet.parameters };
  const biases = new Map<string, Float32Array>();
  for (const layer of subnet.network.layers) {
    if (layer.kind !== 'batch-norm' || !isOnlyReaderOfConvolution(subnet.network, layer.input)) continue;
    const weight = weightName(layer.input);
    const { filters, bias } = foldInto(parameters[weight]!, subnet.batchNorm[layer.name]!);
    parameters[weight] = filters;
    biases.set(layer.name, bias);
  }
  return { parameters, biases };
}

function isOnlyReaderOfConvolution(network: Network, name: string): boolean {
  const readers = network.layers.filter((layer) => inputsOf(layer).includes(name));
  return readers.length === 1 && network.layers.some((layer) => layer.name === name && layer.kind === 'conv');
}

function foldInto(filters: Tensor, batchNorm: BatchNormValues): { filters: Tensor; bias: Float32Array } {
  const { scale, shift, mean, variance } = batchNorm;
  const factors = scale.map((value, channel) => value / Math.sqrt(variance[channel]! + BN_EPSILON));
  const perFilter = filters.data.length / factors.length;
  const data = filters.data.map((value, index) => value * factors[Math.floor(index / perFilter)]!);
  const bias = shift.map((value, channel) => value - mean[channel]! * factors[channel]!);
  return { filters: { shape: filters.shape, data }, bias };
}
