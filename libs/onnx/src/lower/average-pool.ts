import { sizeOf, type PoolAttributes, type Shape } from '#graph';
import type { Lowering } from './lowering.js';
import { unreadSides, windowAttributes } from './windows.js';

/** ONNX leaves padding out of the count by default. */
export const averagePool: Lowering<'averagePool'> = (node, emitter, output) => {
  emitter.emit('AveragePool', [emitter.nameOf(node.inputs[0]!)], {
    attributes: windowAttributes(node.attributes),
    output,
  });
};

/** What a window's pixels get each, spread over them by a ConvTranspose of ones. */
export const averagePoolGradient: Lowering<'averagePoolGradient'> = (node, emitter, output) => {
  const { attributes, shape } = node;
  const { kernel } = attributes;
  const gradientShape = emitter.shapeOf(node.inputs[0]!);
  const [rows, columns] = gradientShape.slice(2) as [number, number];
  const weights = emitter.tensor({
    shape: [rows, columns],
    data: pixelShares(attributes, shape, gradientShape),
  });
  const shares = emitter.emit('Mul', [emitter.nameOf(node.inputs[0]!), weights]);
  const perImage = emitter.integers([sizeOf(shape.slice(0, 2)), 1, rows, columns]);
  const ones = new Float32Array(kernel * kernel).fill(1);
  const spread = emitter.emit(
    'ConvTranspose',
    [
      emitter.emit('Reshape', [shares, perImage]),
      emitter.tensor({ shape: [1, 1, kernel, kernel], data: ones }),
    ],
    {
      attributes: {
        ...windowAttributes(attributes),
        output_padding: unreadSides(shape, gradientShape, attributes),
      },
    },
  );
  emitter.emit('Reshape', [spread, emitter.integers(shape)], { output });
};

/** One over the number of image values in each window, [rows, columns]. */
function pixelShares(
  { kernel, stride, padding }: PoolAttributes,
  images: Shape,
  results: Shape,
): Float32Array {
  const [height, width] = images.slice(2) as [number, number];
  const [rows, columns] = results.slice(2) as [number, number];
  const within = (window: number, side: number) => {
    const start = window * stride - padding;
    return Math.min(start + kernel, side) - Math.max(start, 0);
  };
  const count = (i: number) => within(Math.floor(i / columns), height) * within(i % columns, width);
  return Float32Array.from({ length: rows * columns }, (_, i) => 1 / count(i));
}
