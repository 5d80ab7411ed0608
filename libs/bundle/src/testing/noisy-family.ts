import { costOf, deriveChannelGroups, deriveShapes, sliceNetwork, type Network } from '#network';
import {
  parameterShapes,
  solveThresholds,
  type BatchNormState,
  type Family,
  type RatioMember,
  type ThresholdOptions,
} from '#pruning';

/** Values within -1..1 that differ everywhere; the last bits matter. */
export const noise = (length: number, seed: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.sin(seed + 0.37 * i * i + 1.7 * i));

/** A family that nobody trained, in which every value is another one, with the same share of every group. */
export function noisyFamily(network: Network, ratios: readonly number[]): Family {
  const { groups } = deriveChannelGroups(network);
  const shares = ratios.map((ratio) => {
    const kept = (channels: number) => Math.max(1, Math.round(channels * Math.sqrt(1 - ratio)));
    const widths = Object.fromEntries(groups.map(({ name, channels }) => [name, kept(channels)]));
    return { ratio, threshold: ratio / 3, widths };
  });
  return withNoise(network, noisyMask(network), shares);
}

/** The same with thresholds solved on its mask as those of trained families are, which takes longer. */
export function solvedFamily(network: Network, ratios: readonly number[], options: ThresholdOptions): Family {
  const mask = noisyMask(network);
  return withNoise(network, mask, solveThresholds(network, mask, ratios, options));
}

function noisyMask(network: Network): Family['mask'] {
  const { groups } = deriveChannelGroups(network);
  return Object.fromEntries(
    groups.map(({ name, channels }, index) => [name, noise(channels, index).sort((a, b) => b - a)]),
  );
}

function withNoise(
  network: Network,
  mask: Family['mask'],
  solutions: readonly Pick<RatioMember, 'ratio' | 'threshold' | 'widths'>[],
): Family {
  const members = solutions.map(({ ratio, threshold, widths }, index) => {
    const sliced = sliceNetwork(network, widths);
    return {
      ratio,
      threshold,
      widths,
      cost: costOf(sliced),
      batchNorm: noisyBatchNorm(sliced, 1000 * index),
    };
  });
  return { network, parameters: noisyParameters(network), mask, members };
}

/** Of such a size that values neither vanish nor explode on their way through the network. */
function noisyParameters(network: Network): Family['parameters'] {
  return Object.fromEntries(
    Object.entries(parameterShapes(network)).map(([name, shape], index) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const inputs = shape.length === 2 ? shape[0]! : size / shape[0]!;
      return [name, { shape, data: noise(size, index).map((value) => value * Math.sqrt(3 / inputs)) }];
    }),
  );
}

function noisyBatchNorm(network: Network, seed: number): BatchNormState {
  const shapes = deriveShapes(network);
  const state: BatchNormState = {};
  for (const [index, { kind, name }] of network.layers.entries()) {
    if (kind !== 'batch-norm') continue;
    const values = (row: number) => noise(shapes.get(name)!.channels, seed + 10 * index + row);
    state[name] = {
      scale: values(0).map((value) => 1 + value / 3),
      shift: values(1).map((value) => value / 3),
      mean: values(2).map((value) => value / 3),
      variance: values(3).map((value) => 1.2 + value),
    };
  }
  return state;
}
