import { deriveChannelGroups, type ChannelSegment } from './channel-groups.js';
import { NetworkError, type Layer, type Network } from './network.js';

/** Kept channels of every channel group, by group name. */
export type Widths = Readonly<Record<string, number>>;

/** Every group at its full width. */
export function denseWidths(network: Network): Widths {
  return Object.fromEntries(deriveChannelGroups(network).groups.map((g) => [g.name, g.channels]));
}

/** How many channels of the segments are kept. */
export function keptChannels(segments: readonly ChannelSegment[], widths: Widths): number {
  return segments.reduce((sum, { group, size }) => sum + (group === undefined ? size : widths[group]!), 0);
}

/**
 * The dense, physically small network that keeps the given channels of each group: a network like any other.
 * @throws NetworkError when a width is missing or outside 1..channels.
 */
export function sliceNetwork(network: Network, widths: Widths): Network {
  const { groups, segmentsOf } = deriveChannelGroups(network);
  for (const group of groups) {
    // A layer may be called "constructor".
    const width = Object.hasOwn(widths, group.name) ? widths[group.name] : undefined;
    if (width === undefined || !Number.isInteger(width) || width < 1 || width > group.channels) {
      throw new NetworkError(
        `group "${group.name}": width ${String(width)} is not an integer in 1..${group.channels}`,
      );
    }
  }
  const layers = network.layers.map((layer): Layer => {
    if (layer.kind !== 'conv') return layer;
    return { ...layer, outChannels: keptChannels(segmentsOf.get(layer.name)!, widths) };
  });
  return { ...network, layers };
}
