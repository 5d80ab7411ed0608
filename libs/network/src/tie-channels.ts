import { INPUT, inputsOf, type Layer, type Network } from './network.js';
import type { Shapes } from './shapes.js';

/** Neighbouring channels of a layer's output. */
export interface TiedSegment {
  readonly size: number;
  /** The first convolution among those whose channels are tied to these; absent where they are never pruned. */
  readonly first: string | undefined;
}

/** Channels that were made together. Once tied to others, `tiedTo` leads towards the first of them all. */
interface Tie {
  readonly maker: string | undefined;
  readonly order: number;
  tiedTo?: Tie;
}

interface Segment {
  readonly size: number;
  readonly tie: Tie;
}

/** For `INPUT` and every layer the segments of its output channels, by union of what layers tie channel by channel. */
export function tieChannels(network: Network, shapes: Shapes): Map<string, TiedSegment[]> {
  const ties = new ChannelTies();
  const segments = new Map<string, readonly Segment[]>([
    [INPUT, [{ size: shapes.get(INPUT)!.channels, tie: ties.never }]],
  ]);
  for (const layer of network.layers) {
    const inputs = inputsOf(layer).map((name) => segments.get(name)!);
    segments.set(layer.name, outputSegments(layer, inputs, shapes.get(layer.name)!.channels, ties));
  }
  const named = ({ size, tie }: Segment): TiedSegment => ({ size, first: ties.firstOf(tie).maker });
  return new Map([...segments].map(([name, own]) => [name, own.map(named)]));
}

function outputSegments(
  layer: Layer,
  inputs: readonly (readonly Segment[])[],
  channels: number,
  ties: ChannelTies,
): readonly Segment[] {
  const input = inputs[0]!;
  switch (layer.kind) {
    case 'concat':
      return inputs.flat();
    case 'add':
      return tieSegments(input, inputs[1]!, ties);
    case 'dense':
      return [{ size: channels, tie: ties.never }];
    case 'conv': {
      const { groups = 1 } = layer;
      if (groups === 'depthwise') return input;
      if (groups > 1) for (const { tie } of input) ties.join(tie, ties.never);
      return [{ size: channels, tie: groups > 1 ? ties.never : ties.madeBy(layer.name) }];
    }
    default:
      return input;
  }
}

/** Ties segments of the same place and size. Where boundaries differ no channel can go alone, so none is pruned. */
function tieSegments(a: readonly Segment[], b: readonly Segment[], ties: ChannelTies): Segment[] {
  const result: Segment[] = [];
  const [left, right] = [[...a], [...b]];
  while (left.length > 0) {
    const { size, above, below } = untilBoundary(left, right);
    const alike = above.length === 1 && below.length === 1;
    const tie = alike ? above[0]!.tie : ties.never;
    for (const segment of [...above, ...below]) ties.join(segment.tie, tie);
    result.push({ size, tie });
  }
  return result;
}

/** Takes from the front of both what lies before their next common boundary. */
function untilBoundary(left: Segment[], right: Segment[]) {
  const [above, below] = [[left.shift()!], [right.shift()!]];
  const sizeOf = (taken: readonly Segment[]) => taken.reduce((sum, { size }) => sum + size, 0);
  for (;;) {
    const ahead = sizeOf(above) - sizeOf(below);
    if (ahead === 0) return { size: sizeOf(above), above, below };
    if (ahead < 0) above.push(left.shift()!);
    else below.push(right.shift()!);
  }
}

class ChannelTies {
  /** Of all channels that are never pruned. */
  readonly never: Tie = { maker: undefined, order: 0 };
  #count = 0;

  madeBy(layer: string): Tie {
    return { maker: layer, order: ++this.#count };
  }

  firstOf(tie: Tie): Tie {
    let first = tie;
    while (first.tiedTo) first = first.tiedTo;
    return first;
  }

  join(a: Tie, b: Tie): void {
    const [one, other] = [this.firstOf(a), this.firstOf(b)];
    if (one === other) return;
    const [first, later] = one.order < other.order ? [one, other] : [other, one];
    later.tiedTo = first;
  }
}
