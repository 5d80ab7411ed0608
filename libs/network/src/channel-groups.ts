import type { Network } from './network.js';
import { deriveShapes } from './shapes.js';
import { tieChannels, type TiedSegment } from './tie-channels.js';

/** Channels that must be kept or removed together: residual adds and depthwise convolutions tie layers' channels. */
export interface ChannelGroup {
  /** Name of the group's first convolution. */
  readonly name: string;
  readonly channels: number;
  /** Convolutions that write this group, in execution order. */
  readonly producers: readonly string[];
}

/** Neighbouring channels of a layer's output that have one fate. */
export interface ChannelSegment {
  readonly size: number;
  /**
   * Absent where the channels are never pruned: those of the images and of dense layers, what a convolution of several
   * groups reads or writes, what an addition lays over segments of other sizes, and all that is tied to one of these.
   */
  readonly group?: string;
}

export interface ChannelGroups {
  readonly groups: readonly ChannelGroup[];
  /** The output channels of every layer and of `INPUT`, in order: one segment but behind a concatenation. */
  readonly segmentsOf: ReadonlyMap<string, readonly ChannelSegment[]>;
  /** Group that all of a layer's output channels belong to; absent where there is none, or more than one segment. */
  readonly groupOf: ReadonlyMap<string, string>;
}

/** Derives the channel groups by union of everything that layers tie together channel by channel. */
export function deriveChannelGroups(network: Network): ChannelGroups {
  const shapes = deriveShapes(network);
  const tied = tieChannels(network, shapes);
  const producers = new Map<string, string[]>();
  for (const layer of network.layers) {
    if (layer.kind !== 'conv') continue;
    for (const group of new Set(tied.get(layer.name)!.map((segment) => segment.first))) {
      if (group !== undefined) producers.set(group, [...(producers.get(group) ?? []), layer.name]);
    }
  }
  const groups = [...producers].map(([name, convs]) => ({
    name,
    channels: shapes.get(name)!.channels,
    producers: convs,
  }));
  const segmentsOf = new Map([...tied].map(([layer, segments]) => [layer, joined(segments)]));
  return { groups, segmentsOf, groupOf: onlyGroups(segmentsOf) };
}

/** Segments by group, with unpruned neighbours in one. */
function joined(segments: readonly TiedSegment[]): ChannelSegment[] {
  const result: ChannelSegment[] = [];
  for (const { size, first } of segments) {
    const before = result.at(-1);
    if (first !== undefined) result.push({ size, group: first });
    else if (before && before.group === undefined) result[result.length - 1] = { size: before.size + size };
    else result.push({ size });
  }
  return result;
}

function onlyGroups(segmentsOf: ChannelGroups['segmentsOf']): Map<string, string> {
  const groupOf = new Map<string, string>();
  for (const [layer, [only, ...others]] of segmentsOf) {
    if (only?.group !== undefined && others.length === 0) groupOf.set(layer, only.group);
  }
  return groupOf;
}
