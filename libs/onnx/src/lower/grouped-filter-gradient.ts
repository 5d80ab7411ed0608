import type { NodeOf, Shape } from '#graph';
import type { Emitter } from '../emitter.js';
import { filterGradientOperands, type FilterGradientOperands } from './filter-gradient-operands.js';
import { paddedImages, tapSlices } from './taps.js';
import { both, unreadSides } from './windows.js';

export function groupedFilterGradient(
  node: NodeOf<'conv2dFilterGradient'>,
  emitter: Emitter,
  output: string,
): void {
  const write = node.shape[1] === 1 ? depthwiseGradient : groupGradient;
  write(filterGradientOperands(node, emitter), emitter, output);
}

/**
 * One channel per filter: a Conv whose groups are all channels of all images, whose filters are the gradients and
 * whose stride and dilation change places, gives every image's part; their sum is the gradient. On two cores
 * onnxruntime runs this 1.5 to 4 times faster than a product and a sum per filter tap.
 */
function depthwiseGradient(operands: FilterGradientOperands, emitter: Emitter, output: string): void {
  const { stride, padding, dilation, imageShape, gradientShape, filterShape, kernel } = operands;
  const [batch, channels, height, width] = imageShape as [number, number, number, number];
  const [, filters, rows, columns] = gradientShape as [number, number, number, number];
  const reshape = (name: string, sides: Shape) => emitter.emit('Reshape', [name, emitter.integers(sides)]);
  const unread = unreadSides(imageShape, gradientShape, operands);
  const parts = emitter.emit(
    'Conv',
    [
      reshape(operands.images, [1, batch * channels, height, width]),
      reshape(operands.gradient, [batch * filters, 1, rows, columns]),
    ],
    {
      attributes: {
        kernel_shape: [rows, columns],
        strides: both(dilation),
        dilations: both(stride),
        pads: [padding, padding, ...unread.map((side) => Math.max(padding - side, 0))],
        group: batch * channels,
      },
    },
  );
  // Where more is unread than there is padding, positions past the filter's end are left over.
  const places = unread.map((side) => kernel + Math.floor(Math.max(side - padding, 0) / dilation));
  const perImage = reshape(parts, [batch, filters, ...places]);
  const sum = emitter.emit('ReduceSum', [perImage, emitter.integers([0])], { attributes: { keepdims: 0 } });
  const taps = places.every((count) => count === kernel)
    ? sum
    : emitter.emit('Slice', [
        sum,
        ...[both(0), both(kernel), [1, 2]].map((values) => emitter.integers(values)),
      ]);
  emitter.emit('Reshape', [taps, emitter.integers(filterShape)], { output });
}

/** One batched matrix product per filter tap, over the image values that the tap meets, summed over the batch. */
function groupGradient(operands: FilterGradientOperands, emitter: Emitter, output: string): void {
  const { images, padding, groups, imageShape, gradientShape, filterShape } = operands;
  const [batch, , rows, columns] = gradientShape as [number, number, number, number];
  const [filters, groupChannels] = filterShape as [number, number];
  const perGroup = (name: string, channels: number) =>
    emitter.emit('Reshape', [name, emitter.integers([batch, groups, channels / groups, rows * columns])]);
  const gradient = perGroup(operands.gradient, filters);
  const column = emitter.integers([filters, groupChannels, 1]);
  const windows = { ...operands, positions: [rows, columns] as const };
  const padded = paddedImages(images, padding, 0, emitter);
  const taps = tapSlices(padded, [2, 3], windows, emitter).map((slice) => {
    const met = perGroup(slice, imageShape[1]!);
    const product = emitter.emit('FusedMatMul', [gradient, met], {
      attributes: { transB: 1 },
      domain: 'com.microsoft',
    });
    const sum = emitter.emit('ReduceSum', [product, emitter.integers([0])], { attributes: { keepdims: 0 } });
    return emitter.emit('Reshape', [sum, column]);
  });
  const joined = emitter.emit('Concat', taps, { attributes: { axis: 2 } });
  emitter.emit('Reshape', [joined, emitter.integers(filterShape)], { output });
}
