import { deriveChannelGroups, type ChannelGroup, type ChannelGroups, type Network } from '#network';
import { scaleOf, type Parameters } from './parameters.js';
import type { Selection } from './select-channels.js';

/** One float per channel of every channel group, by group name. */
export type SoftMask = Readonly<Record<string, Float32Array>>;

/**
 * The soft mask that the mask phase begins with: mean |scale| of the BatchNorm layers behind the group's convolutions or a
 * concatenation of them (Liu et al. 2017 prune by it), divided by the group's mean so that groups are compared by spread and not by level.
 * A group without BatchNorm begins with ones.
 */
export function initialMask(network: Network, scales: Parameters): SoftMask {
  const channelGroups = deriveChannelGroups(network);
  return Object.fromEntries(
    channelGroups.groups.map((group) => [
      group.name,
      initialGroupMask(network, group, channelGroups.segmentsOf, scales),
    ]),
  );
}

function initialGroupMask(
  network: Network,
  group: ChannelGroup,
  segmentsOf: ChannelGroups['segmentsOf'],
  scales: Parameters,
): Float32Array {
  const writers = network.layers.filter(({ kind }) => kind === 'conv' || kind === 'concat');
  const written = new Set(writers.map(({ name }) => name));
  const sums = new Float64Array(group.channels);
  for (const layer of network.layers) {
    if (layer.kind !== 'batch-norm' || !written.has(layer.input)) continue;
    const { data } = scales[scaleOf(layer.name)]!;
    let start = 0;
    for (const segment of segmentsOf.get(layer.name)!) {
      const own = data.subarray(start, (start += segment.size));
      if (segment.group !== group.name) continue;
      own.forEach((scale, channel) => (sums[channel]! += Math.abs(scale)));
    }
  }
  const mean = sums.reduce((a, b) => a + b, 0) / group.channels;
  return Float32Array.from(sums, (sum) => (mean > 0 ? sum / mean : 1));
}

/** Channels of every group by descending mask value; equal values stay in channel order. */
export function descendingOrder(mask: SoftMask): Selection {
  return Object.fromEntries(
    Object.entries(mask).map(([group, values]) => [
      group,
      Array.from(values, (_, channel) => channel).sort((a, b) => values[b]! - values[a]! || a - b),
    ]),
  );
}
