import type { ConvAttributes, NodeOf } from '#graph';
import { NCHWC_DOMAIN, type BlockedEmitter } from './blocked-emitter.js';
import { sidesOf, type Sides } from './blocked-layout.js';
import { blockedFilters, depthwiseFilters, filtersForPlain, turned, type FilterUse } from './filters.js';
import { stridedInputGradient } from './strided-input-gradient.js';
import { isDepthwise, isWorthBlocking } from './worth-blocking.js';

/**
 * A convolution of blocked images. Images of fewer channels than a block (the network's input) stay plain: the operator
 * takes them so.
 */
export function conv2d(node: NodeOf<'conv2d'>, emitter: BlockedEmitter): boolean {
  const [x, filters] = node.inputs as [number, number];
  const filterShape = emitter.shapeOf(filters);
  const plain = sidesOf(emitter.shapeOf(x), node.shape, emitter.block, true);
  const depthwise = isDepthwise(node.attributes, filterShape);
  const plainInput = !depthwise && !emitter.isBlocked(x) && plain.fold * plain.ins < emitter.block;
  const sides = plainInput ? plain : sidesOf(emitter.shapeOf(x), node.shape, emitter.block);
  if (!isWorthBlocking(node.attributes, filterShape, sides)) return false;
  const window = { ...node.attributes, kernel: filterShape[2]! };
  if (depthwise) {
    convolveDepthwise(emitter, node.output, { images: x, filters: emitter.nameOf(filters), window });
  } else if (plainInput) {
    const weights = filtersForPlain(emitter, filters, sides);
    const images = foldedPlain(emitter, x, sides);
    emitter.setFolded(node.output, convolve(emitter, images, weights, window), sides.fold);
  } else {
    mixChannels(emitter, node.output, { images: x, filters, use: 'forward', window, sides });
  }
  return true;
}

/** At stride 1 a convolution with filters turned by 180 degrees whose channel axes are swapped. */
export function conv2dInputGradient(node: NodeOf<'conv2dInputGradient'>, emitter: BlockedEmitter): boolean {
  const [gradient, filters] = node.inputs as [number, number];
  const { stride, padding, dilation } = node.attributes;
  const filterShape = emitter.shapeOf(filters);
  const kernel = filterShape[2]!;
  const sides = sidesOf(node.shape, emitter.shapeOf(gradient), emitter.block);
  if (!isWorthBlocking(node.attributes, filterShape, sides)) return false;
  if (stride !== 1) return stridedInputGradient(node, emitter, sides);
  const window = { stride, dilation, kernel, padding: dilation * (kernel - 1) - padding };
  if (window.padding < 0) return false;
  if (isDepthwise(node.attributes, filterShape)) {
    const back = turned(emitter, emitter.nameOf(filters), kernel);
    convolveDepthwise(emitter, node.output, { images: gradient, filters: back, window });
  } else {
    mixChannels(emitter, node.output, { images: gradient, filters, use: 'backward', window, sides });
  }
  return true;
}

/** Plain images [N, C, H, W] with several to a set. */
export function foldedPlain(emitter: BlockedEmitter, value: number, { fold, sets, ins }: Sides): string {
  const name = emitter.nameOf(value);
  return fold === 1 ? name : emitter.reshape(name, [sets, fold * ins, ...emitter.shapeOf(value).slice(2)]);
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
  readonly sides: Sides;
}

/** A convolution from all channels to all channels. */
function mixChannels(emitter: BlockedEmitter, output: number, of: Mixing): void {
  const { block } = emitter;
  const { window, sides } = of;
  const filters = blockedFilters(emitter, of.filters, of.use, sides);
  const [outs, ins] = filters.shape as [number, number];
  const images = emitter.foldedNameOf(of.images, sides.fold, { clean: filters.dirtyIns });
  const weights = emitter.reshape(filters.name, [outs * block, ins * block, window.kernel, window.kernel]);
  const name = convolve(emitter, images, weights, { ...window, group: 1 });
  emitter.setFolded(output, name, sides.fold, { dirty: filters.dirtyOuts });
}

interface Depthwise {
  /** A value of the graph. */
  readonly images: number;
  /** [C, 1, k, k] */
  readonly filters: string;
  readonly window: Window;
}

function convolveDepthwise(emitter: BlockedEmitter, output: number, of: Depthwise): void {
  const { kernel } = of.window;
  const layout = emitter.layoutOf(of.images);
  const shape = [emitter.shapeOf(of.images)[1]!, 1, kernel, kernel];
  const weights = depthwiseFilters(emitter, of.filters, shape, layout);
  const window = { ...of.window, group: layout.fold * layout.depth };
  emitter.setBlocked(output, convolve(emitter, emitter.blockedNameOf(of.images), weights, window));
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
