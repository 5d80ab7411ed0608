import type { ConvAttributes } from '#graph';

/** Bytes of images and gradient that a tile may touch: both stay in a core's first cache for all taps and blocks. */
const TILE_BYTES = 24 * 1024;
const FLOAT = 4;

/** [batch, height, width, channels] of the images and of the gradient, and the side of the filters. */
export interface FilterGradientShape {
  readonly images: readonly [number, number, number, number];
  readonly gradient: readonly [number, number, number, number];
  readonly side: number;
}

/**
 * Tiles of all images: for a few rows of the gradient and one tap each, where the tap meets the image. Five words for
 * each: offsets in bytes of the first pixel in images and gradient and of the tap in the result, rows, columns.
 */
export function filterGradientTiles(shape: FilterGradientShape, attributes: ConvAttributes): Int32Array {
  const { images, gradient, side } = shape;
  const [batch, height, width, inputs] = images;
  const [, rows, columns, outputs] = gradient;
  const { stride, dilation, padding } = attributes;
  const rowBytes = FLOAT * (columns * outputs + stride * width * inputs);
  const rowsOfTile = Math.max(1, Math.floor(TILE_BYTES / rowBytes));
  const words: number[] = [];
  for (let image = 0; image < batch; image++) {
    for (let first = 0; first < rows; first += rowsOfTile) {
      for (let tap = 0; tap < side * side; tap++) {
        const [top, left] = [Math.floor(tap / side), tap % side].map((at) => at * dilation - padding) as [
          number,
          number,
        ];
        const down = meeting(first, Math.min(first + rowsOfTile, rows), top, height, stride);
        const across = meeting(0, columns, left, width, stride);
        if (down.count === 0 || across.count === 0) continue;
        const y = (image * height + down.start * stride + top) * width + across.start * stride + left;
        const g = (image * rows + down.start) * columns + across.start;
        const offsets = [y * inputs, g * outputs, tap * inputs * outputs].map((place) => place * FLOAT);
        words.push(...offsets, down.count, across.count);
      }
    }
  }
  return Int32Array.from(words);
}

/** Positions of `begin` to `end` whose tap, `shift` off their pixel, lies on an image of `size`. */
function meeting(begin: number, end: number, shift: number, size: number, stride: number) {
  const start = Math.max(begin, Math.ceil(-shift / stride));
  const stop = Math.min(end, Math.floor((size - 1 - shift) / stride) + 1);
  return { start, count: Math.max(0, stop - start) };
}
