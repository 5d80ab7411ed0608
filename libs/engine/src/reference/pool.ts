import type { PoolAttributes, Shape } from '#graph';
import type { Kernel } from './kernel.js';

export const maxPool: Kernel<'maxPool'> = ({ attributes }, [x], output) => {
  forEachWindow(x!.shape, output.shape, attributes, (pixels, result) => {
    output.data[result] = Math.max(...pixels.map((pixel) => x!.data[pixel]!));
  });
};

export const maxPoolGradient: Kernel<'maxPoolGradient'> = ({ attributes }, [gradient, x, y], output) => {
  forEachWindow(x!.shape, y!.shape, attributes, (pixels, result) => {
    const largest = pixels.find((pixel) => x!.data[pixel] === y!.data[result]);
    if (largest !== undefined) output.data[largest]! += gradient!.data[result]!;
  });
};

export const averagePool: Kernel<'averagePool'> = ({ attributes }, [x], output) => {
  forEachWindow(x!.shape, output.shape, attributes, (pixels, result) => {
    for (const pixel of pixels) output.data[result]! += x!.data[pixel]! / pixels.length;
  });
};

export const averagePoolGradient: Kernel<'averagePoolGradient'> = ({ attributes }, [gradient], output) => {
  forEachWindow(output.shape, gradient!.shape, attributes, (pixels, result) => {
    for (const pixel of pixels) output.data[pixel]! += gradient!.data[result]! / pixels.length;
  });
};

/** Visits every window with the flat indices of its pixels within the image, row by row, and of its result. */
function forEachWindow(
  images: Shape,
  results: Shape,
  { kernel, stride, padding }: PoolAttributes,
  visit: (pixels: readonly number[], result: number) => void,
): void {
  const [batch, channels, height, width] = images as [number, number, number, number];
  const [, , rows, columns] = results as [number, number, number, number];
  const within = (window: number, side: number) => {
    const positions = Array.from({ length: kernel }, (_, i) => window * stride - padding + i);
    return positions.filter((position) => position >= 0 && position < side);
  };
  for (let image = 0; image < batch * channels; image++)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const pixels = within(row, height).flatMap((y) =>
          within(column, width).map((x) => (image * height + y) * width + x),
        );
        visit(pixels, (image * rows + row) * columns + column);
      }
}
