import type { ConvAttributes, Shape } from '#graph';
import { allAround, convolutionAttributes, cropped, isDepthwise, perGroup, sidesOf } from './conv-parts.js';
import type { Kernels, OpKernel, TfTensor } from './kernels.js';

/**
 * The filters' gradient without a kernel of its own, which wasm lacks and cpu has in a form 17 times slower than a
 * convolution: the images convolved by the output's gradient, with batch and channels in each other's place.
 */
export const conv2dFilterGradient: OpKernel<'conv2dFilterGradient'> = (kernels, step, [x, gradient]) => {
  const { shape, attributes } = step;
  if (isDepthwise(shape, attributes)) {
    return depthwiseFilterGradient(kernels, [x!, gradient!], shape, attributes);
  }
  return perGroup(kernels, attributes, [x!, gradient!], (images, part) =>
    denseFilterGradient(kernels, [images, part], shape[0]!, attributes),
  );
};

function denseFilterGradient(
  kernels: Kernels,
  [x, gradient]: readonly [TfTensor, TfTensor],
  side: number,
  { stride, dilation, padding }: ConvAttributes,
): TfTensor {
  const images = kernels.transpose(x, [3, 1, 2, 0]);
  const filter = kernels.transpose(gradient, [1, 2, 0, 3]);
  // The gradient's pixels lie a stride apart on the images, the taps a dilation.
  const options = convolutionAttributes({
    stride: dilation,
    dilation: stride,
    padding: allAround(padding),
  });
  const taps = kernels.run('Conv2D', { x: images, filter }, options);
  const size = [x.shape[3]!, side, side, gradient.shape[3]!];
  return kernels.transpose(cropped(kernels, taps, [0, 0, 0, 0], size), [1, 2, 0, 3]);
}

/** Tap by tap: the shifted images times the gradient, summed over all pixels. */
function depthwiseFilterGradient(
  kernels: Kernels,
  [x, gradient]: readonly [TfTensor, TfTensor],
  shape: Shape,
  { stride, dilation, padding }: ConvAttributes,
): TfTensor {
  const [batch, height, width, outputs] = sidesOf(gradient);
  const channels = x.shape[3]!;
  const side = shape[0]!;
  const padded = kernels.pad(x, [[0, 0], ...allAround(padding), [0, 0]]);
  const each = kernels.reshape(gradient, [batch * height * width, channels, outputs / channels]);
  const taps = Array.from({ length: side * side }, (_, tap) => {
    const begin = [0, Math.floor(tap / side) * dilation, (tap % side) * dilation, 0];
    const size = [batch, height, width, channels];
    const shifted = kernels.stridedSlice(padded, begin, size, [1, stride, stride, 1]);
    const pixels = kernels.reshape(shifted, [batch * height * width, channels, 1]);
    return kernels.reshape(kernels.sum(kernels.mul(pixels, each), [0]), [1, outputs]);
  });
  return kernels.reshape(kernels.concat(taps, 0), shape);
}
