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

/** BatchNorm as what it is once its statistics stand still: y = factor x + offset, per channel. */
export interface AffineBatchNorm {
  readonly factor: Float32Array;
  readonly offset: Float32Array;
}

/** y = (x - mean) scale / sqrt(variance + epsilon) + shift, its factor rounded to float32 before it goes into the offset. */
export function affineBatchNorm({ scale, shift, mean, variance }: BatchNormValues): AffineBatchNorm {
  const factor = scale.map((value, channel) => value / Math.sqrt(variance[channel]! + BN_EPSILON));
  const offset = shift.map((value, channel) => value - mean[channel]! * factor[channel]!);
  return { factor, offset };
}

/** BatchNorm whose `affineBatchNorm` is the given one, to the bit: the root is nearer to 1 than float32 tells apart. */
export function batchNormOf({ factor, offset }: AffineBatchNorm): BatchNormValues {
  const variance = new Float32Array(factor.length).fill(1 - BN_EPSILON);
  return { scale: factor, shift: offset, mean: new Float32Array(factor.length), variance };
}

/** Folds BatchNorm into the filters before it, in which it is linear. */
export function foldBatchNorm(subnet: Subnet): FoldedBatchNorm {
  const parameters = { ...subnet.parameters };
  const biases = new Map<string, Float32Array>();
  for (const [convolution, batchNorm] of foldableLayers(subnet.network)) {
    const weight = weightName(convolution);
    const { factor, offset } = affineBatchNorm(subnet.batchNorm[batchNorm]!);
    parameters[weight] = timesPerFilter(parameters[weight]!, factor);
    biases.set(batchNorm, offset);
  }
  return { parameters, biases };
}

/** The BatchNorm layer that is a convolution's only reader, by the convolution, in the order of the BatchNorm layers. */
export function foldableLayers({ layers }: Network): ReadonlyMap<string, string> {
  const reads = new Map<string, number>();
  for (const input of layers.flatMap((layer) => [...new Set(inputsOf(layer))])) {
    reads.set(input, (reads.get(input) ?? 0) + 1);
  }
  const convolutions = new Set(layers.filter(({ kind }) => kind === 'conv').map(({ name }) => name));
  const foldable = layers.flatMap((layer): [string, string][] => {
    const folds =
      layer.kind === 'batch-norm' && convolutions.has(layer.input) && reads.get(layer.input) === 1;
    return folds ? [[layer.input, layer.name]] : [];
  });
  return new Map(foldable);
}

function timesPerFilter(filters: Tensor, factor: Float32Array): Tensor {
  const perFilter = filters.data.length / factor.length;
  const data = new Float32Array(filters.data.length);
  for (let filter = 0; filter < factor.length; filter++) {
    for (let i = filter * perFilter; i < (filter + 1) * perFilter; i++) {
      data[i] = filters.data[i]! * factor[filter]!;
    }
  }
  return { shape: filters.shape, data };
}
