import type { Shape } from '../graph.js';
import type { PoolAttributes } from '../node-ops.js';
import type { Value } from '../value.js';
import { refusal, requireFrom, windowCounts } from './windows.js';

export interface PoolOptions {
  /** Side of the square windows. */
  readonly kernel: number;
  readonly stride: number;
  /** On each side of both image axes; default 0, less than the kernel. */
  readonly padding?: number;
}

/**
 * Largest value of every window: [N, C, H, W] gives [N, C, H', W'] with H' = floor((H + 2 padding - kernel) / stride)
 * + 1. Padding is less than every value. A window's gradient goes whole to the first of its largest values.
 * @throws GraphError when there are not four axes or a window does not fit.
 */
export function maxPool(x: Value, options: PoolOptions): Value {
  const [attributes, shape] = checkedWindows('maxPool', x, options);
  const output: Value = x.builder.node('maxPool', [x], shape, attributes, (gradient) => [
    // Without a vjp of its own a second derivative would silently be zero.
    x.builder.node('maxPoolGradient', [gradient, x, output], x.shape, attributes, () => {
      throw x.builder.error('maxPoolGradient', 'has no derivative');
    }),
  ]);
  return output;
}

/**
 * Mean of every window's image values, padding left out: [N, C, H, W] gives [N, C, H', W'] as `maxPool` does.
 * @throws GraphError when there are not four axes or a window does not fit.
 */
export function averagePool(x: Value, options: PoolOptions): Value {
  const [attributes, shape] = checkedWindows('averagePool', x, options);
  return x.builder.node('averagePool', [x], shape, attributes, (gradient) => [
    averagePoolGradient(gradient, x.shape, attributes),
  ]);
}

function averagePoolGradient(gradient: Value, images: Shape, attributes: PoolAttributes): Value {
  return gradient.builder.node('averagePoolGradient', [gradient], images, attributes, (outer) => [
    averagePool(outer, attributes),
  ]);
}

function checkedWindows(op: string, x: Value, options: PoolOptions): [PoolAttributes, Shape] {
  const { kernel, stride, padding = 0 } = options;
  const refuse = refusal(op, x, `windows ${kernel}x${kernel}`);
  if (x.shape.length !== 4) throw refuse('needs [N, C, H, W]');
  requireFrom(1, { kernel }, refuse);
  const counts = windowCounts(x.shape, { kernel, stride, padding }, refuse, 'window');
  if (padding >= kernel) throw refuse(`padding ${padding} leaves windows without a value of the image`);
  return [{ kernel, stride, padding }, [...x.shape.slice(0, 2), ...counts]];
}
