import type { ConvAttributes, NodeOf } from '#graph';
import { NCHWC_DOMAIN, type BlockedEmitter } from './blocked-emitter.js';
import { blockedFilters, depthwiseFilters, filtersForPlain, turned, type FilterUse } from './filters.js';
import { stridedInputGradient } from './strided-input-gradient.js';
import { isDepthwise, isWorthBlocking } from './worth-blocking.js';

/**
 * A convolution of blocked images. Images of fewer channels than a block (the network's input) stay plain: the operator
 * takes them so.
 */
export function conv2d(node: NodeOf<'conv2d'>, emitter: BlockedEmitter): boolean {
  const [x, filters] = node.inputs as [number, number];
  const { attributes } = node;
  const filterShape = emitter.shapeOf(filters);
  const plainInput = emitter.shapeOf(x)[1]! < emitter.block && !emitter.isBlocked(x);
  if (!isWorthBlocking(attributes, filterShape, emitter, plainInput)) return false;
  const window = { ...attributes, kernel: filterShape[2]! };
  if (isDepthwise(attributes, filterShape)) {
    const weights = depthwiseFilters(emitter, emitter.nameOf(filters), filterShape);
    const group = emitter.padded(filterShape[0]!);
    emitter.setBlocked(
      node.output,
      convolve(emitter, emitter.blockedNameOf(x), weights, { ...window, group }),
    );
  } else if (plainInput) {
    const weights = filtersForPlain(emitter, filters);
    emitter.setBlocked(node.output, convolve(emitter, emitter.nameOf(x), weights, window));
  } else {
    mixChannels(emitter, node.output, { images: x, filters, use: 'forward', window });
  }
  return true;
}

/** At stride 1 a convolution with filters turned by 180 degrees whose channel axes are swapped. */
export function conv2dInputGradient(node: NodeOf<'conv2dInputGradient'>, emitter: BlockedEmitter): boolean {
  const [gradient, filters] = node.inputs as [number, number];
  const { stride, padding, dilation } = node.attributes;
  const filterShape = emitter.shapeOf(filters);
  const kernel = filterShape[2]!;
  if (!isWorthBlocking(node.attributes, filterShape, emitter)) return false;
  if (stride !== 1) return stridedInputGradient(node, emitter);
  const window = { stride, dilation, kernel, padding: dilation * (kernel - 1) - padding };
  if (window.padding < 0) return false;
  if (isDepthwise(node.attributes, filterShape)) {
    const weights = depthwiseFilters(emitter, turned(emitter, emitter.nameOf(filters), kernel), filterShape);
    const group = emitter.padded(filterShape[0]!);
    const images = emitter.blockedNameOf(gradient);
    emitter.setBlocked(node.output, convolve(emitter, images, weights, { ...window, group }));
  } else {
    mixChannels(emitter, node.output, { images: gradient, filters, use: 'backward', window });
  }
  return true;
}

interface Window extends Omit<ConvAttributes, 'groups'> {
  readonly kernel: number;
  readonly group?: number;
}

interface Mixing {
  /** Values of the graph. */
  readonly images: number;
  readonly filters: number;
  readonly use: FilterUse;
  readonly window: Window;
}

/** A convolution from all channels to all channels. */
function mixChannels(emitter: BlockedEmitter, output: number, of: Mixing): void {
  const { block } = emitter;
  const { kernel } = of.window;
  const { name, shape, dirtyIns, dirtyOuts } = blockedFilters(emitter, of.filters, of.use);
  const images = dirtyIns ? emitter.cleanNameOf(of.images) : emitter.blockedNameOf(of.images);
  const weights = emitter.reshape(name, [shape[0]! * block, shape[1]! * block, kernel, kernel]);
  emitter.setBlocked(output, convolve(emitter, images, weights, of.window), { dirty: dirtyOuts });
}

function convolve(emitter: BlockedEmitter, images: string, weights: string, window: Window): string {
  const { kernel, stride, padding, dilation, group = 1 } = window;
  return emitter.emit('Conv', [images, weights], {
    domain: NCHWC_DOMAIN,
    attributes: {
      group,
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      dilations: [dilation, dilation],
      pads: [padding, padding, padding, padding],
    },
  });
}
