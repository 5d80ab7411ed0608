import type { NodeOf } from '#graph';
import { NCHWC_DOMAIN, type BlockedEmitter } from './blocked-emitter.js';
import { sidesOf, type Sides } from './blocked-layout.js';
import { foldedPlain } from './convolution.js';
import { depthwiseFilterGradient } from './depthwise-filter-gradient.js';
import { diagonalOf } from './filters.js';
import {
  filledRows,
  filtersOfBlocked,
  pixelRowsOf,
  tilesOfBlocked,
  tilesOfPlain,
  type PixelRows,
  type PixelTiles,
} from './pixel-rows.js';
import { shifted } from './shift.js';
import { isDepthwise, isWorthBlocking } from './worth-blocking.js';

/** What the filter gradient of one convolution is computed from. */
interface Operands {
  readonly emitter: BlockedEmitter;
  readonly node: NodeOf<'conv2dFilterGradient'>;
  /** The gradient's rows; the images are brought to the same. */
  readonly rows: PixelRows;
  readonly sides: Sides;
  readonly kernel: number;
  /** Output channels of a set. */
  readonly outs: number;
}

/**
 * The gradient of a convolution's filters as convolutions themselves, which onnxruntime's blocked operator runs near
 * the machine's peak. The pixels of a block take the channels' place, each set of images is a group of its own with the
 * output's gradient as filters over its rows, and the images' channels lie along the width. Vertical taps are then the
 * positions of that convolution; horizontal ones take shifted gradients. The sets' results are summed at the end.
 */
export function conv2dFilterGradient(node: NodeOf<'conv2dFilterGradient'>, emitter: BlockedEmitter): boolean {
  if (isDepthwise(node.attributes, node.shape)) return depthwiseFilterGradient(node, emitter);
  const [x, gradient] = node.inputs as [number, number];
  const [images, outputs] = [emitter.shapeOf(x), emitter.shapeOf(gradient)];
  const direct = isSamePadded(node);
  const plain = sidesOf(images, outputs, emitter.block, true);
  const fromPlain =
    direct &&
    !emitter.isBlocked(x) &&
    plain.fold * plain.ins < emitter.block &&
    pixelRowsOf(emitter, plain.sets, outputs)?.abreast === 1;
  const sides = fromPlain ? plain : sidesOf(images, outputs, emitter.block);
  const rows = pixelRowsOf(emitter, sides.sets, outputs);
  if (!rows || !isWorthBlocking(node.attributes, node.shape, sides)) return false;
  const operands = { emitter, node, rows, sides, kernel: node.shape[2]!, outs: sides.fold * sides.outs };
  assemble(operands, direct ? rowByRow(operands, fromPlain) : tapByTap(operands));
  return true;
}

function isSamePadded({ attributes, shape }: NodeOf<'conv2dFilterGradient'>): boolean {
  const { stride, dilation, padding } = attributes;
  return stride === 1 && dilation === 1 && 2 * padding === shape[2]! - 1;
}

/** Per column of the filters the sum of all rows, [sets, O / block, rows of the filters, channels, block]. */
interface Partial {
  readonly columns: readonly string[];
  readonly rowsEach: number;
  readonly channels: number;
}

/** One convolution per column of the filters. */
function rowByRow(operands: Operands, fromPlain: boolean): Partial {
  const { emitter, node, rows, sides, kernel, outs } = operands;
  const [x, gradient] = node.inputs as [number, number];
  const { padding } = node.attributes;
  const width = emitter.shapeOf(x)[3]!;
  const tiles = fromPlain ? plainTiles(operands, x) : blockedTiles(operands, x);
  const images = emitter.foldedNameOf(gradient, sides.fold);
  const columns = Array.from({ length: kernel }, (_, column) => {
    const moved =
      kernel === 1
        ? filledRows(emitter, images, outs, width, rows)
        : shifted(emitter, images, {
            channels: outs,
            window: [1, kernel],
            tap: kernel - 1 - column,
            pads: [0, padding, 0, padding + rows.width - width],
          });
    return product(operands, tiles, moved, padding);
  });
  return { columns, rowsEach: kernel, channels: tiles.channels };
}

function plainTiles({ emitter, sides, rows }: Operands, x: number): PixelTiles {
  const image = emitter.shapeOf(x).slice(2);
  const shape = [sides.sets, sides.fold * sides.ins, ...image];
  return tilesOfPlain(emitter, foldedPlain(emitter, x, sides), shape, rows);
}

function blockedTiles({ emitter, sides, rows }: Operands, x: number): PixelTiles {
  const { fold, ins } = sides;
  const [, channels, , width] = emitter.shapeOf(x) as [number, number, number, number];
  const images = filledRows(emitter, emitter.foldedNameOf(x, fold), fold * ins, width, rows);
  return tilesOfBlocked(emitter, images, fold === 1 ? channels : fold * ins, rows);
}

/** One convolution per tap over the images that the tap meets, at any stride and padding. */
function tapByTap(operands: Operands): Partial {
  const { emitter, node, rows, sides, kernel, outs } = operands;
  const [x, gradient] = node.inputs as [number, number];
  const { stride, dilation, padding } = node.attributes;
  const { fold, ins } = sides;
  const [, channels, height, width] = emitter.shapeOf(x) as [number, number, number, number];
  const reach = dilation * (kernel - 1) + 1;
  const missing = (size: number, outputs: number) =>
    Math.max(0, (outputs - 1) * stride + reach - size - padding);
  const images = emitter.foldedNameOf(x, fold);
  const given = emitter.shapeOf(gradient)[3]!;
  const dy = filledRows(emitter, emitter.foldedNameOf(gradient, fold), outs, given, rows);
  let depth = 0;
  const columns = Array.from({ length: kernel * kernel }, (_, tap) => {
    const met = shifted(emitter, images, {
      channels: fold * ins,
      window: [kernel, kernel],
      tap,
      stride,
      dilation,
      pads: [padding, padding, missing(height, rows.height), missing(width, rows.width)],
    });
    const tiles = tilesOfBlocked(emitter, met, fold === 1 ? channels : fold * ins, rows);
    depth = tiles.channels;
    return product(operands, tiles, dy, 0);
  });
  return { columns, rowsEach: 1, channels: depth };
}

/** [1, O / block * vertical taps * channels * block], summed over the groups. */
function product({ emitter, rows, outs }: Operands, tiles: PixelTiles, gradient: string, padding: number) {
  const { groups, blocks, blocksPerRow } = rows;
  const edge = padding * blocksPerRow;
  const products = emitter.emit('Conv', [tiles.name, filtersOfBlocked(emitter, gradient, outs, rows)], {
    domain: NCHWC_DOMAIN,
    attributes: {
      group: groups,
      kernel_shape: [blocks, 1],
      strides: [blocksPerRow, 1],
      pads: [edge, 0, edge, 0],
    },
  });
  const flat = outs * (2 * padding + 1) * tiles.channels;
  return emitter.emit('ReduceSum', [emitter.reshape(products, [groups, flat]), emitter.integers([0])], {
    attributes: { keepdims: 1 },
  });
}

/** Brings the sums to [O, C, k, k]. */
function assemble(operands: Operands, { columns, rowsEach, channels }: Partial): void {
  const { emitter, node, sides, kernel, outs } = operands;
  const { block } = emitter;
  const [first] = columns;
  const joined = columns.length === 1 ? first! : emitter.emit('Concat', columns, { attributes: { axis: 0 } });
  const split = emitter.reshape(joined, [columns.length, outs / block, rowsEach, channels, block]);
  const turned = emitter.transpose(split, [1, 4, 3, 2, 0]);
  const depth = channels / sides.fold;
  const whole = [sides.outs, depth, kernel, kernel];
  let sums = emitter.reshape(
    turned,
    sides.fold === 1 ? whole : [sides.fold, sides.outs, sides.fold, depth, kernel ** 2],
  );
  if (sides.fold > 1) {
    // Only where an image's gradient met the same image.
    const own = emitter.emit('Mul', [sums, diagonalOf(emitter, sides.fold)]);
    const total = emitter.emit('ReduceSum', [own, emitter.integers([0, 2])], { attributes: { keepdims: 0 } });
    sums = emitter.reshape(total, whole);
  }
  const cut = emitter.cutTo(sums, whole, node.shape);
  emitter.emit('Reshape', [cut, emitter.integers(node.shape)], { output: emitter.nameOf(node.output) });
}
