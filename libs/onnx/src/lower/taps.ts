import type { Emitter } from '../emitter.js';

/** How a square window walks over an image. */
interface Windows {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Positions of the window, [rows, columns]. */
  readonly positions: readonly [number, number];
}

/**
 * For every place of a window, row by row, the image values that it meets over all the window's positions.
 * @param padded name of the padded images
 * @param axes of the images' rows and columns
 */
export function tapSlices(
  padded: string,
  axes: readonly [number, number],
  windows: Windows,
  emitter: Emitter,
): string[] {
  const { kernel, stride, dilation, positions } = windows;
  return Array.from({ length: kernel * kernel }, (_, tap) => {
    const starts = [Math.floor(tap / kernel) * dilation, (tap % kernel) * dilation];
    const ends = starts.map((start, axis) => start + stride * (positions[axis]! - 1) + 1);
    const bounds = [starts, ends, axes, [stride, stride]].map((values) => emitter.integers(values));
    return emitter.emit('Slice', [padded, ...bounds]);
  });
}

/** The images with a border of a value, as its name; the images themselves without padding. */
export function paddedImages(images: string, padding: number, value: number, emitter: Emitter): string {
  if (padding === 0) return images;
  const border = emitter.integers([0, 0, padding, padding, 0, 0, padding, padding]);
  return emitter.emit('Pad', [images, border, emitter.scalar(value)]);
}
