import { costOf, deriveChannelGroups, deriveShapes, sliceNetwork, type Network } from '#network';
import { parameterShapes, type BatchNormState, type Family } from '#pruning';

/** Values within -1..1 that differ everywhere; the last bits matter. */
export const noise = (length: number, seed: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.sin(seed + 0.37 * i * i + 1.7 * i));

/** A family that nobody trained, with the same share of every group, in which every value is another one. */
export function noisyFamily(network: Network, ratios: readonly number[], minChannels = 1): Family {
  const { groups } = deriveChannelGroups(network);
  const mask = Object.fromEntries(
    groups.map(({ name, channels }, index) => [name, noise(channels, index).sort((a, b) => b - a)]),
  );
  const members = ratios.map((ratio, index) => {
    const kept = (channels: number) => Math.max(minChannels, Math.round(channels * Math.sqrt(1 - ratio)));
    const widths = Object.fromEntries(groups.map(({ name, channels }) => [name, kept(channels)]));
    const sliced = sliceNetwork(network, widths);
    const batchNorm = noisyBatchNorm(sliced, 1000 * index);
    return { ratio, threshold: ratio / 3, widths, cost: costOf(sliced), batchNorm };
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
