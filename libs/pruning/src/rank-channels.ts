import { denseWidths, deriveChannelGroups, type ChannelGroup, type Network } from '#network';
import { macCounter } from './count-macs.js';
import type { SoftMask } from './mask.js';

/** A channel in the one order that thresholds cut through. */
export interface RankedChannel {
  /** Mask value, divided by the channel's relative cost. */
  readonly value: number;
  /** Index of its group. */
  readonly group: number;
  /** How many channels of its group rank before it, as a share of the group. */
  readonly place: number;
}

/**
 * Prepares the order of all channels of a network: by descending value, equal values of one group by channel, those of
 * several groups by the share of the group before them, then by group. A channel's value is its mask value over its
 * group's relative cost to the power of `costExponent`: what the last channel of the dense group costs in MACs over what
 * an average channel of the network does. Negative values are multiplied: being cheap speaks for a channel.
 */
export function channelRanking(
  network: Network,
  costExponent: number,
): (mask: SoftMask) => readonly RankedChannel[] {
  const { groups } = deriveChannelGroups(network);
  const costs = relativeCosts(network, groups).map((cost) => cost ** costExponent);
  return (mask) =>
    groups
      .flatMap((group, index) => {
        const cost = costs[index]!;
        const values = Array.from(checkedMask(group, mask[group.name])).sort((a, b) => b - a);
        return values.map((value, rank): RankedChannel => ({
          value: value > 0 ? value / cost : value * cost,
          group: index,
          place: rank / group.channels,
        }));
      })
      .sort((a, b) => b.value - a.value || a.place - b.place || a.group - b.group);
}

/** MACs that one channel of each group costs, over the mean of all channels. */
function relativeCosts(network: Network, groups: readonly ChannelGroup[]): number[] {
  const macsOf = macCounter(network);
  const dense = denseWidths(network);
  const denseMacs = macsOf(dense);
  const costs = groups.map(({ name, channels }) => denseMacs - macsOf({ ...dense, [name]: channels - 1 }));
  const channels = groups.reduce((sum, group) => sum + group.channels, 0);
  const mean = costs.reduce((sum, cost, i) => sum + cost * groups[i]!.channels, 0) / channels;
  return costs.map((cost) => cost / mean);
}

function checkedMask(group: ChannelGroup, values: Float32Array | undefined): Float32Array {
  const found =
    values?.length !== group.channels ? `${values?.length ?? 0} values` : values.find((v) => !isFinite(v));
  if (values && found === undefined) return values;
  throw new RangeError(
    `mask of group "${group.name}": expected ${group.channels} finite values, got ${found}`,
  );
}
