import { sizeOf, type PoolAttributes, type Shape } from '#graph';
import type { Lowering } from './lowering.js';

const both = (value: number) => [value, value];

function windowAttributes({ kernel, stride, padding }: PoolAttributes) {
  return { kernel_shape: both(kernel), strides: both(stride), pads: [...both(padding), ...both(padding)] };
}

export const maxPool: Lowering<'maxPool'> = (node, emitter, output) => {
  emitter.emit('MaxPool', [emitter.nameOf(node.inputs[0]!)], {
    attributes: windowAttributes(node.attributes),
    output,
  });
};

/** MaxPool's second result says where each largest value stands in the flattened images. */
export const maxPoolGradient: Lowering<'maxPoolGradient'> = (node, emitter, output) => {
  const [gradient, images] = node.inputs.map((input) => emitter.nameOf(input));
  const indices = emitter.emitSecond('MaxPool', [images!], { attributes: windowAttributes(node.attributes) });
  const flat = (name: string) => emitter.emit('Reshape', [name, emitter.integers([-1])]);
  const zeros = emitter.emit('Expand', [emitter.scalar(0), emitter.integers([sizeOf(node.shape)])]);
  const sums = emitter.emit('ScatterElements', [zeros, flat(indices), flat(gradient!)], {
    attributes: { reduction: 'add' },
  });
  emitter.emit('Reshape', [sums, emitter.integers(node.shape)], { output });
};

/** ONNX leaves padding out of the count by default. */
export const averagePool: Lowering<'averagePool'> = (node, emitter, output) => {
  emitter.emit('AveragePool', [emitter.nameOf(node.inputs[0]!)], {
    attributes: windowAttributes(node.attributes),
    output,
  });
};

/** Every window's share, spread over its pixels by a ConvTranspose of ones. */
export const averagePoolGradient: Lowering<'averagePoolGradient'> = (node, emitter, output) => {
  const { kernel, stride, padding } = node.attributes;
  const gradientShape = emitter.shapeOf(node.inputs[0]!);
  const [rows, columns] = gradientShape.slice(2) as [number, number];
  const [height, width] = node.shape.slice(2) as [number, number];
  const images = sizeOf(node.shape.slice(0, 2));
  const weights = windowWeights(node.attributes, node.shape, gradientShape);
  const shares = emitter.emit('Mul', [
    emitter.nameOf(node.inputs[0]!),
    emitter.tensor({ shape: [rows, columns], data: weights }),
  ]);
  const single = emitter.emit('Reshape', [shares, emitter.integers([images, 1, rows, columns])]);
  const ones = emitter.tensor({
    shape: [1, 1, kernel, kernel],
    data: new Float32Array(kernel * kernel).fill(1),
  });
  const unread = [
    [height, rows],
    [width, columns],
  ].map(([side, count]) => side! + 2 * padding - kernel - stride * (count! - 1));
  const spread = emitter.emit('ConvTranspose', [single, ones], {
    attributes: { ...windowAttributes(node.attributes), output_padding: unread },
  });
  emitter.emit('Reshape', [spread, emitter.integers(node.shape)], { output });
};

/** One over the number of image values in each window, [rows, columns]. */
function windowWeights(
  { kernel, stride, padding }: PoolAttributes,
  images: Shape,
  results: Shape,
): Float32Array {
  const within = (window: number, side: number) => {
    const start = window * stride - padding;
    return Math.min(start + kernel, side) - Math.max(start, 0);
  };
  const [height, width] = images.slice(2) as [number, number];
  const [rows, columns] = results.slice(2) as [number, number];
  return Float32Array.from(
    { length: rows * columns },
    (_, i) => 1 / (within(Math.floor(i / columns), height) * within(i % columns, width)),
  );
}
