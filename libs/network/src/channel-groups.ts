import { INPUT, inputsOf, type Network } from './network.js';
import { deriveShapes } from './shapes.js';

/** Channels that must be kept or removed together: residual adds tie the outputs of several convolutions. */
export interface ChannelGroup {
  /** Name of the group's first convolution. */
  readonly name: string;
  readonly channels: number;
  /** Convolutions that write this group, in execution order. */
  readonly producers: readonly string[];
}

export interface ChannelGroups {
  readonly groups: readonly ChannelGroup[];
  /** Group that a layer's output channels belong to; absent for the input and for dense layers. */
  readonly groupOf: ReadonlyMap<string, string>;
}

/** Derives the channel groups by union of everything that an element-wise layer ties together. */
export function deriveChannelGroups(network: Network): ChannelGroups {
  const shapes = deriveShapes(network);
  const parent = new Map<string, string>();
  const find = (name: string): string => {
    const above = parent.get(name)!;
    return above === name ? name : find(above);
  };
  const order = new Map(network.layers.map((layer, index) => [layer.name, index]));
  for (const layer of network.layers) {
    if (layer.kind === 'dense') continue;
    parent.set(layer.name, layer.name);
    if (layer.kind === 'conv') continue;
    for (const input of inputsOf(layer)) {
      if (input === INPUT) continue;
      const [a, b] = [find(input), find(layer.name)];
      if (order.get(a)! <= order.get(b)!) parent.set(b, a);
      else parent.set(a, b);
    }
  }
  const producers = new Map<string, string[]>();
  const groupOf = new Map<string, string>();
  for (const layer of network.layers) {
    if (layer.kind === 'dense') continue;
    const group = find(layer.name);
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
