import type { Lowering } from '../lower/lowering.js';
import { paddedImages, tapSlices } from '../lower/taps.js';

/**
 * One plain matrix product per filter tap, image and group, summed over the images: [O / groups, L] times
 * [L, C / groups], where L counts the filter's positions. The channels are moved behind the pixels once, so that every
 * tap's slice is a right-hand side as it is.
 */
export const conv2dFilterGradient: Lowering<'conv2dFilterGradient'> = (node, emitter, output) => {
  const { groups, padding } = node.attributes;
  const [images, gradient] = node.inputs.map((input) => emitter.nameOf(input));
  const [batch, channels] = emitter.shapeOf(node.inputs[0]!) as [number, number];
  const [, filters, rows, columns] = emitter.shapeOf(node.inputs[1]!) as [number, number, number, number];
  const kernel = node.shape[2]!;
  const reshaped = (name: string, ...sides: number[]) =>
    emitter.emit('Reshape', [name, emitter.integers(sides)]);
  const left = reshaped(gradient!, batch, groups, filters / groups, rows * columns);
  const [height, width] = emitter
    .shapeOf(node.inputs[0]!)
    .slice(2)
    .map((side) => side + 2 * padding) as [number, number];
  const grouped = reshaped(
    paddedImages(images!, padding, 0, emitter),
    ...[batch, groups, channels / groups, height, width],
  );
  const channelsLast = emitter.emit('Transpose', [grouped], { attributes: { perm: [0, 1, 3, 4, 2] } });
  const windows = { ...node.attributes, kernel, positions: [rows, columns] as const };
  const sums = tapSlices(channelsLast, [2, 3], windows, emitter).map((slice) => {
    const right = reshaped(slice, batch, groups, rows * columns, channels / groups);
    const product = emitter.emit('MatMul', [left, right]);
    const sum = emitter.emit('ReduceSum', [product, emitter.integers([0])], { attributes: { keepdims: 0 } });
    return reshaped(sum, filters, channels / groups, 1);
  });
  const taps = sums.length === 1 ? sums[0]! : emitter.emit('Concat', sums, { attributes: { axis: 2 } });
  emitter.emit('Reshape', [taps, emitter.integers(node.shape)], { output });
};
