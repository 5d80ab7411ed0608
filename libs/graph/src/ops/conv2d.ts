import type { Shape } from '../graph.js';
import type { ConvAttributes } from '../node-ops.js';
import { formatShape } from '../shape.js';
import type { Value } from '../value.js';
import { refusal, requireFrom, windowCounts } from './windows.js';

export interface ConvOptions {
  readonly stride: number;
  /** Zeros on each side of both image axes. */
  readonly padding: number;
  /** Distance between neighbouring filter taps; default 1. */
  readonly dilation?: number;
  /** Default 1; as many as the images' channels for a depthwise convolution. */
  readonly groups?: number;
}

/**
 * Cross-correlation of images [N, C, H, W] with square filters [O, C / groups, k, k]: [N, O, H', W'] with
 * H' = floor((H + 2 padding - dilation (k - 1) - 1) / stride) + 1. The first O / groups results read the first
 * C / groups channels, and so on.
 * @throws GraphError when the channels do not fit, the filters are not square or larger than the padded images.
 */
export function conv2d(x: Value, w: Value, options: ConvOptions): Value {
  const { stride, padding, dilation = 1, groups = 1 } = options;
  const attributes = { stride, padding, dilation, groups };
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

function outputShape(x: Value, w: Value, attributes: ConvAttributes): Shape {
  const { groups, dilation } = attributes;
  const refuse = refusal('conv2d', x, `filters ${formatShape(w.shape)}`);
  if (x.shape.length !== 4 || w.shape.length !== 4) throw refuse('needs four axes on both sides');
  const [batch, channels] = x.shape as [number, number];
  const [filters, filterChannels, kernel, kernelWidth] = w.shape as [number, number, number, number];
  requireFrom(1, { groups, dilation }, refuse);
  if (channels % groups !== 0 || filters % groups !== 0) {
    throw refuse(`${channels} channels and ${filters} filters do not both split into ${groups} groups`);
  }
  if (channels !== filterChannels * groups) {
    const split = groups === 1 ? '' : ` in ${groups} groups`;
    throw refuse(`${channels} channels${split} meet filters of ${filterChannels}`);
  }
  if (kernel !== kernelWidth) throw refuse('the filters are not square');
  const window = { ...attributes, kernel: dilation * (kernel - 1) + 1 };
  return [batch, filters, ...windowCounts(x.shape, window, refuse, 'filter')];
}
