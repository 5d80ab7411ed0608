import type { Network, Widths } from '#network';
import type { RatioMember } from './family.js';
import {
  batchNormLayouts,
  scaleName,
  shapeOf,
  shiftName,
  type Layout,
  type Parameters,
} from './parameters.js';
import { prefixSelection, selectChannels } from './select-channels.js';

export interface Neighbours {
  readonly wider: RatioMember;
  readonly narrower: RatioMember;
  /** 0 at the wider one, 1 at the narrower one. */
  readonly position: number;
}

/**
 * BatchNorm scales and shifts, by layout name, of a subnet between two others: between the values of both where both have
 * the channel, else the wider one's.
 * @param widths not above the wider one's in any group
 */
export function interpolateAffine(network: Network, widths: Widths, between: Neighbours): Parameters {
  const layouts = batchNormLayouts(network);
  const { wider, narrower, position } = between;
  const ofWider = denseValues(network, layouts, wider);
  const ofNarrower = denseValues(network, layouts, narrower);
  return mapVectors(keptPositions(layouts, widths), (channel, name) => {
    const [wide, narrow] = [ofWider[name]![channel], ofNarrower[name]![channel]];
    if (wide === undefined) throw new RangeError(`"${name}": the wider subnet has no channel ${channel}`);
    return narrow === undefined ? wide : (1 - position) * wide + position * narrow;
  });
}

/** A member's values at the channels' places in the dense network. */
function denseValues(
  network: Network,
  layouts: readonly Layout[],
  { widths, batchNorm }: RatioMember,
): Record<string, (number | undefined)[]> {
  const kept = keptPositions(layouts, widths);
  const values: Record<string, (number | undefined)[]> = {};
  for (const { name, kind } of network.layers) {
    if (kind !== 'batch-norm') continue;
    for (const [vector, data] of [
      [scaleName(name), batchNorm[name]!.scale],
      [shiftName(name), batchNorm[name]!.shift],
    ] as const) {
      const dense: (number | undefined)[] = [];
      kept[vector]!.forEach((channel, i) => (dense[channel] = data[i]));
      values[vector] = dense;
    }
  }
  return values;
}

/** Places in the dense network of the channels that a subnet keeps, by layout name. */
function keptPositions(layouts: readonly Layout[], widths: Widths): Record<string, Float32Array> {
  const places = Object.fromEntries(
    layouts.map((layout) => {
      const shape = shapeOf(layout);
      return [
        layout.name,
        { shape, data: Float32Array.from({ length: shape[0]! }, (_, channel) => channel) },
      ];
    }),
  );
  const kept = selectChannels(places, layouts, prefixSelection(widths));
  return Object.fromEntries(Object.entries(kept).map(([name, { data }]) => [name, data]));
}

const mapVectors = (
  vectors: Readonly<Record<string, Float32Array>>,
  value: (entry: number, name: string) => number,
): Parameters =>
  Object.fromEntries(
    Object.entries(vectors).map(([name, entries]) => [
      name,
      { shape: [entries.length], data: entries.map((entry) => value(entry, name)) },
    ]),
  );
