import type { ConvAttributes } from '#graph';
import {
  allAround,
  convolutionAttributes,
  depthwiseFilters,
  isDepthwise,
  perGroup,
  sidesOf,
} from './conv-parts.js';
import type { Kernels, OpKernel, TfTensor } from './kernels.js';

export const conv2d: OpKernel<'conv2d'> = (kernels, { attributes }, [x, filters]) => {
  if (isDepthwise(filters!.shape, attributes)) return depthwise(kernels, x!, filters!, attributes);
  const options = convolutionAttributes({ ...attributes, padding: allAround(attributes.padding) });
  return perGroup(kernels, attributes, [x!, filters!], (images, filter) =>
    kernels.run('Conv2D', { x: images, filter }, options),
  );
};

/** TensorFlow.js refuses a stride and a dilation together; then every pixel is computed and those between are left out. */
function depthwise(kernels: Kernels, x: TfTensor, filters: TfTensor, attributes: ConvAttributes): TfTensor {
  const { stride, dilation } = attributes;
  const stepped = dilation === 1 ? stride : 1;
  const padding = allAround(attributes.padding);
  const options = convolutionAttributes({ stride: stepped, dilation, padding });
  const filter = depthwiseFilters(kernels, filters, x.shape[3]!);
  const all = kernels.run('DepthwiseConv2dNative', { x, filter }, options);
  if (stepped === stride) return all;
  const [batch, height, width, channels] = sidesOf(all);
  const kept = (side: number) => Math.ceil(side / stride);
  const size = [batch, kept(height), kept(width), channels];
  return kernels.stridedSlice(all, [0, 0, 0, 0], size, [1, stride, stride, 1]);
}
