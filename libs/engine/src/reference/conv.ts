import type { ConvAttributes, Shape } from '#graph';
import type { Kernel } from './kernel.js';

export const conv2d: Kernel<'conv2d'> = ({ attributes }, [x, w], output) => {
  forEachProduct(x!.shape, w!.shape, output.shape, attributes, (image, filter, result) => {
    output.data[result]! += x!.data[image]! * w!.data[filter]!;
  });
};

export const conv2dInputGradient: Kernel<'conv2dInputGradient'> = ({ attributes }, [gradient, w], output) => {
  forEachProduct(output.shape, w!.shape, gradient!.shape, attributes, (image, filter, result) => {
    output.data[image]! += gradient!.data[result]! * w!.data[filter]!;
  });
};

export const conv2dFilterGradient: Kernel<'conv2dFilterGradient'> = (
  { attributes },
  [x, gradient],
  output,
) => {
  forEachProduct(x!.shape, output.shape, gradient!.shape, attributes, (image, filter, result) => {
    output.data[filter]! += x!.data[image]! * gradient!.data[result]!;
  });
};

/**
 * Visits every product that a convolution sums, with the flat indices of the image value, the filter value and the
 * result. A convolution and its two gradients differ only in which of the three they add to.
 */
function forEachProduct(
  images: Shape,
  filters: Shape,
  results: Shape,
  { stride, padding, dilation, groups }: ConvAttributes,
  visit: (image: number, filter: number, result: number) => void,
): void {
  const [batch, channels, height, width] = images as [number, number, number, number];
  const [outChannels, groupChannels, kernel] = filters as [number, number, number];
  const [, , rows, columns] = results as [number, number, number, number];
  /** `c` counts within the filter's group. */
  const eachTap = (n: number, o: number, c: number, row: number, column: number) => {
    const result = ((n * outChannels + o) * rows + row) * columns + column;
    const channel = Math.floor(o / (outChannels / groups)) * groupChannels + c;
    for (let i = 0; i < kernel; i++) {
      const y = row * stride + i * dilation - padding;
      if (y < 0 || y >= height) continue;
      for (let j = 0; j < kernel; j++) {
        const x = column * stride + j * dilation - padding;
        if (x < 0 || x >= width) continue;
        const image = ((n * channels + channel) * height + y) * width + x;
        visit(image, ((o * groupChannels + c) * kernel + i) * kernel + j, result);
      }
    }
  };
  for (let n = 0; n < batch; n++)
    for (let o = 0; o < outChannels; o++)
      for (let c = 0; c < groupChannels; c++)
        for (let row = 0; row < rows; row++)
          for (let column = 0; column < columns; column++) eachTap(n, o, c, row, column);
}
