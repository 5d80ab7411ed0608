import { BN_EPSILON, type Tensor } from '#graph';
import { inputsOf, type Network } from '#network';
import type { Subnet } from './family.js';
import { weightName, type BatchNormValues, type Parameters } from './parameters.js';

/** A subnet's weights with BatchNorm in them, wherever a convolution's output is read by a BatchNorm layer alone. */
export interface FoldedBatchNorm {
  /** Filters with BatchNorm's factor in them; all other parameters as they were. */
  readonly parameters: Parameters;
  /** What is left to add to a convolution's output, [channels], by BatchNorm layer. */
  readonly biases: ReadonlyMap<string, Float32Array>;
}

/** Folds BatchNorm into the filters before it: y = (x - mean) scale / sqrt(variance + epsilon) + shift is linear in them. */
export function foldBatchNorm(subnet: Subnet): FoldedBatchNorm {
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
