import { INPUT, inputsOf, type Layer, type Network } from './network.js';
import { deriveShapes } from './shapes.js';

/** Channels that must be kept or removed together: residual adds and depthwise convolutions tie layers' channels. */
export interface ChannelGroup {
  /** Name of the group's first convolution. */
  readonly name: string;
  readonly channels: number;
  /** Convolutions that write this group, in execution order. */
  readonly producers: readonly string[];
}

export interface ChannelGroups {
  readonly groups: readonly ChannelGroup[];
  /**
   * Group that a layer's output channels belong to. Absent where they are never pruned: those of the images and of dense
   * layers, what a convolution of several groups reads or writes, and all that is tied to one of these.
   */
  readonly groupOf: ReadonlyMap<string, string>;
}

/** Derives the channel groups by union of everything that layers tie together channel by channel. */
export function deriveChannelGroups(network: Network): ChannelGroups {
  const shapes = deriveShapes(network);
  const firstOf = tieLayers(network);
  const unpruned = new Set(unprunedLayers(network).map(firstOf));
  const producers = new Map<string, string[]>();
  const groupOf = new Map<string, string>();
  for (const layer of network.layers) {
    const group = firstOf(layer.name);
    if (unpruned.has(group)) continue;
    groupOf.set(layer.name, group);
    if (layer.kind === 'conv') producers.set(group, [...(producers.get(group) ?? []), layer.name]);
  }
  const groups = [...producers].map(([name, convs]) => ({
    name,
    channels: shapes.get(name)!.channels,
    producers: convs,
  }));
  return { groups, groupOf };
}

/** For every layer, the first one (or `INPUT`) among those whose channels are tied to its own. */
function tieLayers(network: Network): (name: string) => string {
  const names = [INPUT, ...network.layers.map((layer) => layer.name)];
  const order = new Map(names.map((name, index) => [name, index]));
  const parent = new Map(names.map((name) => [name, name]));
  const find = (name: string): string => {
    const above = parent.get(name)!;
    return above === name ? name : find(above);
  };
  for (const layer of network.layers) {
    for (const input of tiedInputs(layer)) {
      const [a, b] = [find(input), find(layer.name)];
      if (order.get(a)! <= order.get(b)!) parent.set(b, a);
      else parent.set(a, b);
    }
  }
  return find;
}

/** Inputs whose channels are the layer's own, one by one. */
function tiedInputs(layer: Layer): readonly string[] {
  const makesItsOwn = layer.kind === 'dense' || (layer.kind === 'conv' && layer.groups !== 'depthwise');
  return makesItsOwn ? [] : inputsOf(layer);
}

function unprunedLayers(network: Network): string[] {
  const named = network.layers.flatMap((layer) => {
    if (layer.kind === 'dense') return layer.name;
    const inGroups = layer.kind === 'conv' && typeof layer.groups === 'number' && layer.groups > 1;
    return inGroups ? [layer.input, layer.name] : [];
  });
  return [INPUT, ...named];
}
