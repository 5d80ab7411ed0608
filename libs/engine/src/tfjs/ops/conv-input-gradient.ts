import type { ConvAttributes, Shape } from '#graph';
import {
  convolutionAttributes,
  cropped,
  depthwiseFilters,
  isDepthwise,
  perGroup,
  sidesOf,
} from './conv-parts.js';
import type { Kernels, OpKernel, TfTensor } from './kernels.js';

/**
 * The images' gradient as a convolution of the output's gradient by the turned filters: TensorFlow.js' own kernels for
 * it are slow, know no dilation or are missing, depending on the backend.
 */
export const conv2dInputGradient: OpKernel<'conv2dInputGradient'> = (kernels, step, [gradient, filters]) => {
  const { shape, attributes } = step;
  if (isDepthwise(filters!.shape, attributes)) {
    return depthwiseInputGradient(kernels, gradient!, filters!, { shape, attributes });
  }
  return perGroup(kernels, attributes, [gradient!, filters!], (part, group) => {
    const filter = kernels.transpose(turned(kernels, group), [0, 1, 3, 2]);
    const images = [...shape.slice(0, 3), group.shape[2]!];
    return backwards(kernels, 'Conv2D', part, filter, { shape: images, attributes });
  });
};

/** Of images of a shape, for a convolution with the attributes. */
export interface InputGradient {
  readonly shape: Shape;
  readonly attributes: ConvAttributes;
}

/** The same for depthwise filters [k, k, 1, C * m]: every output channel back to its input channel. */
export function depthwiseInputGradient(
  kernels: Kernels,
  gradient: TfTensor,
  filters: TfTensor,
  { shape, attributes }: InputGradient,
): TfTensor {
  const outputs = gradient.shape[3]!;
  const channels = shape[3]!;
  const filter = depthwiseFilters(kernels, turned(kernels, filters), outputs);
  const all = [...shape.slice(0, 3), outputs];
  const each = backwards(kernels, 'DepthwiseConv2dNative', gradient, filter, { shape: all, attributes });
  if (outputs === channels) return each;
  const multiplied = kernels.reshape(each, [-1, channels, outputs / channels]);
  return kernels.reshape(kernels.sum(multiplied, [2]), shape);
}

/** Convolves the output's gradient, spread by the stride, so that the result is where the images were. */
function backwards(
  kernels: Kernels,
  kernel: 'Conv2D' | 'DepthwiseConv2dNative',
  gradient: TfTensor,
  filter: TfTensor,
  { shape, attributes: { stride, dilation, padding } }: InputGradient,
): TfTensor {
  const spread = spreadOut(kernels, gradient, stride);
  const reach = dilation * (filter.shape[0] - 1);
  const before = Math.max(0, reach - padding);
  const start = Math.max(0, padding - reach);
  const along = (axis: number) => {
    const after = start + shape[axis]! + reach - spread.shape[axis]! - before;
    return [before, Math.max(0, after)] as const;
  };
  const options = convolutionAttributes({ stride: 1, dilation, padding: [along(1), along(2)] });
  const whole = kernels.run(kernel, { x: spread, filter }, options);
  return cropped(kernels, whole, [0, start, start, 0], shape);
}

/** Turned by half a circle, by a product with a permutation: TensorFlow.js' Reverse takes ten times as long. */
function turned(kernels: Kernels, filters: TfTensor): TfTensor {
  const [k, , inputs, outputs] = sidesOf(filters);
  if (k === 1) return filters;
  const taps = k * k;
  const backwards = Float32Array.from({ length: taps * taps }, (_, i) =>
    Number((i % taps) + Math.floor(i / taps) === taps - 1),
  );
  const permutation = kernels.tf.tensor2d(backwards, [taps, taps]);
  const rows = kernels.reshape(filters, [taps, inputs * outputs]);
  return kernels.reshape(kernels.matMul(permutation, rows), filters.shape);
}

/** Puts `stride - 1` zeros after every pixel, along both image axes. */
export function spreadOut(kernels: Kernels, x: TfTensor, stride: number): TfTensor {
  if (stride === 1) return x;
  const [batch, height, width, channels] = sidesOf(x);
  const gaps = [[0, 0] as const, [0, stride - 1] as const, [0, 0] as const];
  const columns = kernels.pad(kernels.reshape(x, [batch * height * width, 1, channels]), gaps);
  const row = width * stride * channels;
  const rows = kernels.pad(kernels.reshape(columns, [batch * height, 1, row]), gaps);
  return kernels.reshape(rows, [batch, height * stride, width * stride, channels]);
}
