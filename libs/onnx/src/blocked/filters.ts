import type { Shape } from '#graph';
import type { BlockedEmitter } from './blocked-emitter.js';

/** Filters [O, C, k, k] in one of the operator's layouts. */
export interface BlockedFilters {
  readonly name: string;
  /** Whether filters stand in the place of the output channels that fill a block up. */
  readonly dirtyOuts: boolean;
  /** Whether filters read the input channels that fill a block up: those must be zero. */
  readonly dirtyIns: boolean;
}

/** For a convolution, or for the one that carries gradients back: turned by 180 degrees, the channel axes swapped. */
export type FilterUse = 'forward' | 'backward';

/**
 * Filters as [O / block, C / block, taps, block of C, block of O] or, backward, [C / block, O / block, taps turned,
 *  block of O, block of C].
 *
 * All subnets read prefixes of the same shared filters: those are brought into the layout once, and every subnet takes
 * whole blocks of them, which may hold more filters than its own.
 */
export function blockedFilters(
  emitter: BlockedEmitter,
  value: number,
  use: FilterUse,
): BlockedFilters & { readonly shape: Shape } {
  const { block } = emitter;
  const shared = sharedFilters(emitter, value);
  const shape = emitter.shapeOf(value);
  const from = layoutShape(emitter, emitter.shapeOf(shared), use);
  const to = layoutShape(emitter, shape, use);
  const whole = emitter.once(`filters ${shared} ${use}`, () => reordered(emitter, shared, use));
  const isPrefix = shared !== value;
  const [outs, ins] = use === 'forward' ? [shape[0]!, shape[1]!] : [shape[1]!, shape[0]!];
  return {
    name: emitter.cutTo(whole, from, to),
    shape: to,
    dirtyOuts: isPrefix && outs % block !== 0,
    dirtyIns: isPrefix && ins % block !== 0,
  };
}

/** Filters [O, C, k, k] as [O / block, C, k, k, block], for plain images. */
export function filtersForPlain(emitter: BlockedEmitter, value: number): string {
  const { block } = emitter;
  const shape = emitter.shapeOf(value);
  const [filters, channels, kernel] = shape as [number, number, number, number];
  const outs = emitter.padded(filters);
  const whole = emitter.padTo(emitter.nameOf(value), shape, [outs, channels, kernel, kernel]);
  const split = emitter.reshape(whole, [outs / block, block, channels, kernel * kernel]);
  return emitter.reshape(emitter.transpose(split, [0, 2, 3, 1]), [outs, channels, kernel, kernel]);
}

/** Filters [C, 1, k, k] as [C / block, 1, k, k, block]. */
export function depthwiseFilters(emitter: BlockedEmitter, filters: string, shape: Shape): string {
  const { block } = emitter;
  const [channels, , kernel] = shape as [number, number, number, number];
  const padded = emitter.padded(channels);
  const whole = emitter.padTo(filters, shape, [padded, 1, kernel, kernel]);
  if (kernel === 1) return whole;
  const split = emitter.reshape(whole, [padded / block, block, kernel * kernel]);
  return emitter.reshape(emitter.transpose(split, [0, 2, 1]), [padded, 1, kernel, kernel]);
}

/** Filters with both image axes reversed. */
export function turned(emitter: BlockedEmitter, filters: string, kernel: number): string {
  if (kernel === 1) return filters;
  const bounds = [
    [-1, -1],
    [-kernel - 1, -kernel - 1],
    [2, 3],
    [-1, -1],
  ];
  return emitter.emit('Slice', [filters, ...bounds.map((values) => emitter.integers(values))]);
}

/** What the filters are a prefix of, else the filters themselves. */
function sharedFilters(emitter: BlockedEmitter, value: number): number {
  const maker = emitter.makerOf(value);
  const isPrefix = maker?.op === 'slice' && maker.attributes.starts.every((start) => start === 0);
  const source = maker?.inputs[0];
  return isPrefix && emitter.shapeOf(source!)[2] === maker.shape[2] ? source! : value;
}

function layoutShape({ block }: BlockedEmitter, shape: Shape, use: FilterUse): Shape {
  const [filters, channels, kernel] = shape as [number, number, number, number];
  const counts = [filters, channels].map((count) => Math.ceil(count / block));
  const [outs, ins] = use === 'forward' ? counts : counts.toReversed();
  return [outs!, ins!, kernel * kernel, block, block];
}

function reordered(emitter: BlockedEmitter, value: number, use: FilterUse): string {
  const { block } = emitter;
  const shape = emitter.shapeOf(value);
  const [filters, channels, kernel] = shape as [number, number, number, number];
  const [outs, ins] = [emitter.padded(filters), emitter.padded(channels)];
  const given = use === 'forward' ? emitter.nameOf(value) : turned(emitter, emitter.nameOf(value), kernel);
  const whole = emitter.padTo(given, shape, [outs, ins, kernel, kernel]);
  const split = emitter.reshape(whole, [outs / block, block, ins / block, block, kernel * kernel]);
  return emitter.transpose(split, use === 'forward' ? [0, 2, 4, 3, 1] : [2, 0, 4, 1, 3]);
}
