import { deriveChannelGroups, type ChannelGroup, type ChannelGroups, type Network } from '#network';
import { scaleName, type Parameters } from './parameters.js';
import type { Selection } from './select-channels.js';

/** One float per channel of every channel group, by group name. */
export type SoftMask = Readonly<Record<string, Float32Array>>;

/**
 * What the mask phase begins with. Both order a group's channels by the mean |scale| of the BatchNorm layers behind the
 * group's convolutions or a concatenation of them (Liu et al. 2017 prune by it).
 *
 * - `rank`: values fall evenly from 1 towards 0 in that order, so that every group is cut alike until gradients say otherwise.
 * - `scale`: the scales themselves over the group's mean, so that groups are compared by spread and not by level.
 */
export type MaskInitialisation = 'rank' | 'scale';

/** The soft mask that the mask phase begins with. A group without BatchNorm keeps the order in which its channels stand. */
export function initialMask(
  network: Network,
  scales: Parameters,
  initialisation: MaskInitialisation,
): SoftMask {
  const channelGroups = deriveChannelGroups(network);
  const fromScales = initialisation === 'rank' ? evenlyByRank : overTheirMean;
  return Object.fromEntries(
    channelGroups.groups.map((group) => [
      group.name,
      Float32Array.from(fromScales(summedScales(network, group, channelGroups.segmentsOf, scales))),
    ]),
  );
}

/** Sum of |scale| over the group's BatchNorm layers, per channel. */
function summedScales(
  network: Network,
  group: ChannelGroup,
  segmentsOf: ChannelGroups['segmentsOf'],
  scales: Parameters,
): Float64Array {
  const writers = network.layers.filter(({ kind }) => kind === 'conv' || kind === 'concat');
  const written = new Set(writers.map(({ name }) => name));
  const sums = new Float64Array(group.channels);
  for (const layer of network.layers) {
    if (layer.kind !== 'batch-norm' || !written.has(layer.input)) continue;
    const { data } = scales[scaleName(layer.name)]!;
    let start = 0;
    for (const segment of segmentsOf.get(layer.name)!) {
      const own = data.subarray(start, (start += segment.size));
      if (segment.group !== group.name) continue;
      own.forEach((scale, channel) => (sums[channel]! += Math.abs(scale)));
    }
  }
  return sums;
}

function overTheirMean(sums: Float64Array): Float64Array {
  const mean = sums.reduce((a, b) => a + b, 0) / sums.length;
  return sums.map((sum) => (mean > 0 ? sum / mean : 1));
}

function evenlyByRank(sums: Float64Array): Float64Array {
  const values = new Float64Array(sums.length);
  descendingChannels(sums).forEach((channel, rank) => (values[channel] = 1 - rank / sums.length));
  return values;
}

/** Channels of every group by descending mask value; equal values stay in channel order. */
export function descendingOrder(mask: SoftMask): Selection {
  return Object.fromEntries(
    Object.entries(mask).map(([group, values]) => [group, descendingChannels(values)]),
  );
}

const descendingChannels = (values: Float32Array | Float64Array): number[] =>
  Array.from(values, (_, channel) => channel).sort((a, b) => values[b]! - values[a]! || a - b);
