import type { ConvAttributes, NodeOf, Shape } from '#graph';
import type { Emitter } from '../emitter.js';

/** What the filter gradient of one convolution is computed from. */
export interface FilterGradientOperands extends ConvAttributes {
  /** Names of the images and of the output's gradient, with their shapes. */
  readonly images: string;
  readonly imageShape: Shape;
  readonly gradient: string;
  readonly gradientShape: Shape;
  /** [O, C / groups, k, k]. */
  readonly filterShape: Shape;
  /** Side of the filters. */
  readonly kernel: number;
}

export function filterGradientOperands(
  node: NodeOf<'conv2dFilterGradient'>,
  emitter: Emitter,
): FilterGradientOperands {
  const [images, gradient] = node.inputs as readonly [number, number];
  return {
    ...node.attributes,
    images: emitter.nameOf(images),
    imageShape: emitter.shapeOf(images),
    gradient: emitter.nameOf(gradient),
    gradientShape: emitter.shapeOf(gradient),
    filterShape: node.shape,
    kernel: node.shape[2]!,
  };
}
