import type { ConvAttributes, NodeOf, Shape } from '#graph';
import { NCHWC_DOMAIN, type BlockedEmitter } from './blocked-emitter.js';
import { isDepthwise, isWorthBlocking } from './worth-blocking.js';

/**
 * A convolution of blocked images. Images of fewer channels than a block (the network's input) stay plain: the operator
 * takes them so.
 */
export function conv2d(node: NodeOf<'conv2d'>, emitter: BlockedEmitter): boolean {
  const [x, filters] = node.inputs as [number, number];
  const { attributes } = node;
  const filterShape = emitter.shapeOf(filters);
  const channels = emitter.shapeOf(x)[1]!;
  const plainInput = channels < emitter.block && !emitter.isBlocked(x);
  if (!isWorthBlocking(attributes, filterShape, emitter, plainInput)) return false;
  const weights = emitter.nameOf(filters);
  const name = convolve(emitter, plainInput ? emitter.nameOf(x) : emitter.blockedNameOf(x), {
    weights: isDepthwise(attributes, filterShape)
      ? depthwiseFilters(emitter, weights, filterShape)
      : blockedFilters(emitter, weights, filterShape, plainInput ? 'plain' : 'forward'),
    group: isDepthwise(attributes, filterShape) ? emitter.padded(channels) : 1,
    kernel: filterShape[2]!,
    stride: attributes.stride,
    padding: attributes.padding,
    dilation: attributes.dilation,
  });
  emitter.setBlocked(node.output, name);
  return true;
}

/** At stride 1 a convolution with filters turned by 180 degrees whose channel axes are swapped. */
export function conv2dInputGradient(node: NodeOf<'conv2dInputGradient'>, emitter: BlockedEmitter): boolean {
  const [gradient, filters] = node.inputs as [number, number];
  const { stride, padding, dilation } = node.attributes;
  const filterShape = emitter.shapeOf(filters);
  const fullPadding = dilation * (filterShape[2]! - 1) - padding;
  if (stride !== 1 || fullPadding < 0) return false;
  if (!isWorthBlocking(node.attributes, filterShape, emitter)) return false;
  const depthwise = isDepthwise(node.attributes, filterShape);
  const weights = emitter.nameOf(filters);
  const name = convolve(emitter, emitter.blockedNameOf(gradient), {
    weights: depthwise
      ? depthwiseFilters(emitter, turned(emitter, weights, filterShape), filterShape)
      : blockedFilters(emitter, turned(emitter, weights, filterShape), filterShape, 'backward'),
    group: depthwise ? emitter.padded(filterShape[0]!) : 1,
    kernel: filterShape[2]!,
    stride: 1,
    padding: fullPadding,
    dilation,
  });
  emitter.setBlocked(node.output, name);
  return true;
}

interface Convolution extends Omit<ConvAttributes, 'groups'> {
  readonly weights: string;
  readonly group: number;
  readonly kernel: number;
}

function convolve(emitter: BlockedEmitter, images: string, of: Convolution): string {
  return emitter.emit('Conv', [images, of.weights], {
    domain: NCHWC_DOMAIN,
    attributes: {
      group: of.group,
      kernel_shape: [of.kernel, of.kernel],
      strides: [of.stride, of.stride],
      dilations: [of.dilation, of.dilation],
      pads: [of.padding, of.padding, of.padding, of.padding],
    },
  });
}

/** Filters [O, C, k, k] with both image axes reversed. */
function turned(emitter: BlockedEmitter, filters: string, shape: Shape): string {
  const kernel = shape[2]!;
  if (kernel === 1) return filters;
  const bounds = [
    [-1, -1],
    [-kernel - 1, -kernel - 1],
    [2, 3],
    [-1, -1],
  ];
  return emitter.emit('Slice', [filters, ...bounds.map((values) => emitter.integers(values))]);
}

/**
 * Filters [O, C, k, k] as [O / block, C / block, k, k, block of C, block of O] ('forward'), with O and C swapped
 * ('backward'), or for plain images as [O / block, C, k, k, block of O].
 */
function blockedFilters(
  emitter: BlockedEmitter,
  filters: string,
  shape: Shape,
  use: 'forward' | 'backward' | 'plain',
): string {
  const { block } = emitter;
  const [filterCount, channels, kernel] = shape as [number, number, number, number];
  const outs = emitter.padded(filterCount);
  const ins = use === 'plain' ? channels : emitter.padded(channels);
  const whole = emitter.padTo(filters, shape, [outs, ins, kernel, kernel]);
  if (use === 'plain') {
    const split = emitter.reshape(whole, [outs / block, block, ins, kernel * kernel]);
    return emitter.reshape(emitter.transpose(split, [0, 2, 3, 1]), [outs, ins, kernel, kernel]);
  }
  const split = emitter.reshape(whole, [outs / block, block, ins / block, block, kernel * kernel]);
  const forward = use === 'forward';
  const ordered = emitter.transpose(split, forward ? [0, 2, 4, 3, 1] : [2, 0, 4, 1, 3]);
  return emitter.reshape(ordered, [...(forward ? [outs, ins] : [ins, outs]), kernel, kernel]);
}

/** Filters [C, 1, k, k] as [C / block, 1, k, k, block]. */
function depthwiseFilters(emitter: BlockedEmitter, filters: string, shape: Shape): string {
  const { block } = emitter;
  const [channels, , kernel] = shape as [number, number, number, number];
  const padded = emitter.padded(channels);
  const whole = emitter.padTo(filters, shape, [padded, 1, kernel, kernel]);
  if (kernel === 1) return whole;
  const split = emitter.reshape(whole, [padded / block, block, kernel * kernel]);
  return emitter.reshape(emitter.transpose(split, [0, 2, 1]), [padded, 1, kernel, kernel]);
}
