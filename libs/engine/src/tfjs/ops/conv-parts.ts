import type { ConvAttributes, Shape } from '#graph';
import type { Kernels, TfTensor } from './kernels.js';

/** Sides in memory: images [batch, height, width, channels] or filters [k, k, inputs / groups, outputs]. */
export type FourSides = readonly [number, number, number, number];

export function sidesOf({ shape }: TfTensor): FourSides {
  return shape as unknown as FourSides;
}

/** Zeros before and after height and width. */
export type Padding = readonly [readonly [number, number], readonly [number, number]];

export function allAround(padding: number): Padding {
  const both = [padding, padding] as const;
  return [both, both];
}

/** Attributes of TensorFlow.js' convolution kernels. */
export function convolutionAttributes(options: {
  stride: number;
  dilation: number;
  padding: Padding;
}): object {
  const { stride, dilation, padding } = options;
  return {
    strides: [stride, stride],
    dilations: [dilation, dilation],
    pad: [[0, 0], ...padding, [0, 0]],
    dataFormat: 'NHWC',
    dimRoundingMode: 'floor',
  };
}

/** Whether every group has one input channel. */
export function isDepthwise(filters: Shape, { groups }: ConvAttributes): boolean {
  return groups > 1 && filters[2] === 1;
}

/** [k, k, 1, C * m] as TensorFlow's depthwise filters [k, k, C, m]. */
export function depthwiseFilters(kernels: Kernels, filters: TfTensor, channels: number): TfTensor {
  const [k, , , outputs] = sidesOf(filters);
  return kernels.reshape(filters, [k, k, channels, outputs / channels]);
}

/** Computes each group from its parts of two tensors' last axes; the results lie side by side along theirs. */
export function perGroup(
  kernels: Kernels,
  { groups }: ConvAttributes,
  [a, b]: readonly [TfTensor, TfTensor],
  compute: (a: TfTensor, b: TfTensor) => TfTensor,
): TfTensor {
  if (groups === 1) return compute(a, b);
  const part = (x: TfTensor, group: number) => {
    const side = x.shape[3]! / groups;
    return kernels.slice(x, [0, 0, 0, group * side], [...x.shape.slice(0, 3), side]);
  };
  const results = Array.from({ length: groups }, (_, group) => compute(part(a, group), part(b, group)));
  return kernels.concat(results, 3);
}

/** The block of a size at `begin`, or the tensor itself where that is all of it. */
export function cropped(kernels: Kernels, x: TfTensor, begin: readonly number[], size: Shape): TfTensor {
  return x.shape.every((side, axis) => side === size[axis]) ? x : kernels.slice(x, begin, size);
}
