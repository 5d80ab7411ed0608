import type { Shape } from '#graph';
import type { BlockedEmitter } from './blocked-emitter.js';
import type { BlockedLayout, Sides } from './blocked-layout.js';

/** Filters [O, C, k, k] in the operator's layout. */
export interface BlockedFilters {
  readonly name: string;
  /** [output blocks, input blocks, taps, channels of an input block, of an output block] */
  readonly shape: Shape;
  /** Whether filters stand in the place of the output channels that fill a block up. */
  readonly dirtyOuts: boolean;
  /** Whether filters read the input channels that fill a block up: those must be zero. */
  readonly dirtyIns: boolean;
}

/** For a convolution, or for the one that carries gradients back: turned by 180 degrees, the channel axes swapped. */
export type FilterUse = 'forward' | 'backward';

/** Filters in blocks of both channel axes; with several images to a set, one copy for each along the diagonal. */
export function blockedFilters(
  emitter: BlockedEmitter,
  value: number,
  use: FilterUse,
  sides: Sides,
): BlockedFilters {
  if (sides.fold === 1) return prefixOfShared(emitter, value, use);
  const { block } = emitter;
  const { fold, outs, ins } = sides;
  const kernel = emitter.shapeOf(value)[2]!;
  const diagonal = onDiagonal(emitter, given(emitter, value, use), emitter.shapeOf(value), sides);
  const counts = [(fold * outs) / block, (fold * ins) / block];
  return {
    name: inBlocks(emitter, diagonal, [fold * outs, fold * ins, kernel, kernel], use),
    shape: [...(use === 'forward' ? counts : counts.toReversed()), kernel * kernel, block, block],
    dirtyOuts: false,
    dirtyIns: false,
  };
}

/**
 * All subnets read prefixes of the same shared filters: those are brought into the layout once, and every subnet takes
 * whole blocks of them, which may hold more filters than its own.
 */
function prefixOfShared(emitter: BlockedEmitter, value: number, use: FilterUse): BlockedFilters {
  const { block } = emitter;
  const shared = sharedFilters(emitter, value);
  const shape = emitter.shapeOf(value);
  const from = layoutShape(emitter, emitter.shapeOf(shared), use);
  const to = layoutShape(emitter, shape, use);
  const whole = emitter.once(`filters ${shared} ${use}`, () => {
    const [outs, ins, kernel] = emitter.shapeOf(shared) as [number, number, number];
    const sides = [outs, ins].map((count) => Math.ceil(count / block) * block);
    const filled = [...sides, kernel, kernel];
    const padded = emitter.padTo(given(emitter, shared, use), emitter.shapeOf(shared), filled);
    return inBlocks(emitter, padded, filled, use);
  });
  const isPrefix = shared !== value;
  const [outs, ins] = use === 'forward' ? [shape[0]!, shape[1]!] : [shape[1]!, shape[0]!];
  return {
    name: emitter.cutTo(whole, from, to),
    shape: to,
    dirtyOuts: isPrefix && outs % block !== 0,
    dirtyIns: isPrefix && ins % block !== 0,
  };
}

/** Filters as [O / block, C, k, k, block], for plain images. */
export function filtersForPlain(emitter: BlockedEmitter, value: number, sides: Sides): string {
  const { block } = emitter;
  const { fold, outs, ins } = sides;
  const shape = emitter.shapeOf(value);
  const kernel = shape[2]!;
  const whole = onDiagonal(emitter, emitter.nameOf(value), shape, sides);
  const split = emitter.reshape(whole, [(fold * outs) / block, block, fold * ins, kernel * kernel]);
  return emitter.reshape(emitter.transpose(split, [0, 2, 3, 1]), [fold * outs, fold * ins, kernel, kernel]);
}

/** Filters [C, 1, k, k] as [C / block, 1, k, k, block], one copy for each image of a set. */
export function depthwiseFilters(
  emitter: BlockedEmitter,
  filters: string,
  shape: Shape,
  { fold, depth }: BlockedLayout,
): string {
  const { block } = emitter;
  const kernel = shape[2]!;
  const filled = emitter.padTo(filters, shape, [depth, 1, kernel, kernel]);
  const copies = Array.from({ length: fold }, () => filled);
  const whole = fold === 1 ? filled : emitter.emit('Concat', copies, { attributes: { axis: 0 } });
  if (kernel === 1) return whole;
  const channels = fold * depth;
  const split = emitter.reshape(whole, [channels / block, block, kernel * kernel]);
  return emitter.reshape(emitter.transpose(split, [0, 2, 1]), [channels, 1, kernel, kernel]);
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

/** Ones where filters meet the channels of their own image, [fold, 1, fold, 1, 1]. */
export function diagonalOf(emitter: BlockedEmitter, fold: number): string {
  return emitter.shared(`diagonal of ${fold}`, () => ({
    shape: [fold, 1, fold, 1, 1],
    data: Float32Array.from({ length: fold * fold }, (_, index) => Number(index % (fold + 1) === 0)),
  }));
}

/** [O, C, k, k] as [fold * outs, fold * ins, k, k]: zeros between the images of a set. */
function onDiagonal(emitter: BlockedEmitter, filters: string, shape: Shape, sides: Sides): string {
  const { fold, outs, ins } = sides;
  const kernel = shape[2]!;
  const filled = emitter.padTo(filters, shape, [outs, ins, kernel, kernel]);
  if (fold === 1) return filled;
  const one = emitter.reshape(filled, [1, outs, 1, ins, kernel * kernel]);
  return emitter.emit('Mul', [one, diagonalOf(emitter, fold)]);
}

const given = (emitter: BlockedEmitter, value: number, use: FilterUse): string =>
  use === 'forward'
    ? emitter.nameOf(value)
    : turned(emitter, emitter.nameOf(value), emitter.shapeOf(value)[2]!);

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

/** Filters of whole blocks, [outs, ins, k, k], as [outs / block, ins / block, taps, block of ins, of outs] or swapped. */
function inBlocks(emitter: BlockedEmitter, filters: string, shape: Shape, use: FilterUse): string {
  const { block } = emitter;
  const [outs, ins, kernel] = shape as [number, number, number, number];
  const split = emitter.reshape(filters, [outs / block, block, ins / block, block, kernel * kernel]);
  return emitter.transpose(split, use === 'forward' ? [0, 2, 4, 3, 1] : [2, 0, 4, 1, 3]);
}
