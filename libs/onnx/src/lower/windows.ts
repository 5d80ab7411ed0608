import type { Shape } from '#graph';

/** Square windows that move over both image axes. */
interface Windows {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
  readonly dilation?: number;
}

/** One number for both image axes. */
export function both(value: number): [number, number] {
  return [value, value];
}

/** Attributes that Conv, ConvTranspose, MaxPool and AveragePool share. */
export function windowAttributes({ kernel, stride, padding }: Windows) {
  return { kernel_shape: both(kernel), strides: both(stride), pads: [...both(padding), ...both(padding)] };
}

/** Rows and columns at the end of the padded images that no window reaches, given how many windows there are. */
export function unreadSides(images: Shape, results: Shape, windows: Windows): [number, number] {
  const { kernel, stride, padding, dilation = 1 } = windows;
  const unread = (axis: number) =>
    images[axis]! + 2 * padding - dilation * (kernel - 1) - 1 - stride * (results[axis]! - 1);
  return [unread(2), unread(3)];
}
