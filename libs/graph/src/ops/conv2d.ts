import type { Shape } from '../graph.js';
import type { ConvAttributes } from '../node-ops.js';
import { formatShape } from '../shape.js';
import type { Value } from '../value.js';

/**
 * Cross-correlation of images [N, C, H, W] with square filters [O, C, k, k]: [N, O, H', W'] with
 * H' = floor((H + 2 padding - k) / stride) + 1.
 * @throws GraphError when the channels differ, the filters are not square or larger than the padded images.
 */
export function conv2d(x: Value, w: Value, options: ConvAttributes): Value {
  const attributes = { stride: options.stride, padding: options.padding };
  const shape = outputShape(x, w, attributes);
  return x.builder.node('conv2d', [x, w], shape, attributes, (gradient) => [
    inputGradient(gradient, w, x.shape, attributes),
    filterGradient(x, gradient, w.shape, attributes),
  ]);
}

/** Gradient of a conv2d's output carried back to its images. Linear in both inputs, so it has gradients itself. */
function inputGradient(gradient: Value, w: Value, images: Shape, attributes: ConvAttributes): Value {
  return gradient.builder.node('conv2dInputGradient', [gradient, w], images, attributes, (outer) => [
    conv2d(outer, w, attributes),
    filterGradient(outer, gradient, w.shape, attributes),
  ]);
}

/** Gradient of a conv2d's output carried back to its filters. */
function filterGradient(x: Value, gradient: Value, filters: Shape, attributes: ConvAttributes): Value {
  return x.builder.node('conv2dFilterGradient', [x, gradient], filters, attributes, (outer) => [
    inputGradient(gradient, outer, x.shape, attributes),
    conv2d(x, outer, attributes),
  ]);
}

function outputShape(x: Value, w: Value, { stride, padding }: ConvAttributes): Shape {
  const sizes = `images ${formatShape(x.shape)}, filters ${formatShape(w.shape)}`;
  const refuse = (problem: string) => x.builder.error('conv2d', `${problem} (${sizes})`);
  if (x.shape.length !== 4 || w.shape.length !== 4) throw refuse('needs four axes on both sides');
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const [filters, filterChannels, kernel, kernelWidth] = w.shape as [number, number, number, number];
  if (channels !== filterChannels) throw refuse(`${channels} channels meet filters of ${filterChannels}`);
  if (kernel !== kernelWidth) throw refuse('the filters are not square');
  if (!Number.isInteger(stride) || stride < 1) throw refuse(`stride ${stride} is no positive integer`);
  if (!Number.isInteger(padding) || padding < 0) throw refuse(`padding ${padding} is no integer from 0`);
  if (Math.min(height, width) + 2 * padding < kernel) {
    throw refuse(`a ${kernel}x${kernel} filter does not fit the image with padding ${padding}`);
  }
  const side = (size: number) => Math.floor((size + 2 * padding - kernel) / stride) + 1;
  return [batch, filters, side(height), side(width)];
}
