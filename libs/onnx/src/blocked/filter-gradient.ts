import type { NodeOf } from '#graph';
import { NCHWC_DOMAIN, type BlockedEmitter } from './blocked-emitter.js';
import { depthwiseFilterGradient } from './depthwise-filter-gradient.js';
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
  readonly kernel: number;
  readonly filters: number;
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
  const plainImages = isPlain(x, emitter);
  if (!isWorthBlocking(node.attributes, node.shape, emitter, plainImages)) return false;
  const [batch, filters, height, width] = emitter.shapeOf(gradient) as [number, number, number, number];
  const rows = pixelRowsOf(emitter, batch, height, width);
  if (!rows) return false;
  const operands = { emitter, node, rows, filters, kernel: node.shape[2]! };
  assemble(operands, isSamePadded(node, emitter) ? rowByRow(operands) : tapByTap(operands));
  return true;
}

const isPlain = (x: number, emitter: BlockedEmitter): boolean =>
  emitter.shapeOf(x)[1]! < emitter.block && !emitter.isBlocked(x);

function isSamePadded({ attributes, shape }: NodeOf<'conv2dFilterGradient'>, emitter: BlockedEmitter) {
  const { stride, dilation, padding } = attributes;
  return stride === 1 && dilation === 1 && 2 * padding === shape[2]! - 1 && emitter.block > 1;
}

/** Per column of the filters the sum of all rows, [sets, O / block, rows of the filters, channels, block]. */
interface Partial {
  readonly columns: readonly string[];
  readonly rowsEach: number;
  readonly channels: number;
}

/** One convolution per column of the filters. */
function rowByRow(operands: Operands): Partial {
  const { emitter, node, rows, kernel, filters } = operands;
  const [x, gradient] = node.inputs as [number, number];
  const { padding } = node.attributes;
  const [, channels, , width] = emitter.shapeOf(x) as [number, number, number, number];
  const tiles =
    isPlain(x, emitter) && rows.fold === 1
      ? tilesOfPlain(emitter, x, rows)
      : tilesOfBlocked(
          emitter,
          filledRows(emitter, emitter.blockedNameOf(x), channels, width, rows),
          channels,
          rows,
        );
  const columns = Array.from({ length: kernel }, (_, column) => {
    const images = emitter.blockedNameOf(gradient);
    const moved =
      kernel === 1
        ? filledRows(emitter, images, filters, width, rows)
        : shifted(emitter, images, {
            channels: filters,
            window: [1, kernel],
            tap: kernel - 1 - column,
            pads: [0, padding, 0, padding + rows.width - width],
          });
    return product(operands, tiles, moved, padding);
  });
  return { columns, rowsEach: kernel, channels: tiles.channels };
}

/** One convolution per tap over the images that the tap meets, at any stride and padding. */
function tapByTap(operands: Operands): Partial {
  const { emitter, node, rows, kernel, filters } = operands;
  const [x, gradient] = node.inputs as [number, number];
  const { stride, dilation, padding } = node.attributes;
  const [, channels, height, width] = emitter.shapeOf(x) as [number, number, number, number];
  const reach = dilation * (kernel - 1) + 1;
  const missing = (size: number, outputs: number) =>
    Math.max(0, (outputs - 1) * stride + reach - size - padding);
  const images = emitter.blockedNameOf(x);
  const given = emitter.shapeOf(gradient)[3]!;
  const dy = filledRows(emitter, emitter.blockedNameOf(gradient), filters, given, rows);
  let depth = 0;
  const columns = Array.from({ length: kernel * kernel }, (_, tap) => {
    const met = shifted(emitter, images, {
      channels,
      window: [kernel, kernel],
      tap,
      stride,
      dilation,
      pads: [padding, padding, missing(height, rows.height), missing(width, rows.width)],
    });
    const tiles = tilesOfBlocked(emitter, met, channels, rows);
    depth = tiles.channels;
    return product(operands, tiles, dy, 0);
  });
  return { columns, rowsEach: 1, channels: depth };
}

/** [1, O / block * vertical taps * channels * block], summed over the sets. */
function product(
  { emitter, rows, filters }: Operands,
  tiles: PixelTiles,
  gradient: string,
  padding: number,
): string {
  const { groups, blocks, blocksPerRow } = rows;
  const edge = padding * blocksPerRow;
  const products = emitter.emit('Conv', [tiles.name, filtersOfBlocked(emitter, gradient, filters, rows)], {
    domain: NCHWC_DOMAIN,
    attributes: {
      group: groups,
      kernel_shape: [blocks, 1],
      strides: [blocksPerRow, 1],
      pads: [edge, 0, edge, 0],
    },
  });
  const flat = emitter.padded(filters) * (2 * padding + 1) * tiles.channels;
  return emitter.emit('ReduceSum', [emitter.reshape(products, [groups, flat]), emitter.integers([0])], {
    attributes: { keepdims: 1 },
  });
}

/** Brings the sums to [O, C, k, k]. */
function assemble({ emitter, node, filters, kernel }: Operands, partial: Partial): void {
  const { block } = emitter;
  const { columns, rowsEach, channels } = partial;
  const joined =
    columns.length === 1 ? columns[0]! : emitter.emit('Concat', columns, { attributes: { axis: 0 } });
  const padded = emitter.padded(filters);
  const split = emitter.reshape(joined, [columns.length, padded / block, rowsEach, channels, block]);
  const turned = emitter.transpose(split, [1, 4, 3, 2, 0]);
  const whole = emitter.reshape(turned, [padded, channels, kernel, kernel]);
  const cut = emitter.cutTo(whole, [padded, channels, kernel, kernel], node.shape);
  emitter.emit('Reshape', [cut, emitter.integers(node.shape)], { output: emitter.nameOf(node.output) });
}
