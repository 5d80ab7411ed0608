import type { Shape } from '../graph.js';
import { formatShape, sameShape, sizeOf } from '../shape.js';
import type { Value } from '../value.js';

/**
 * The same values in row-major order under another shape.
 * @throws GraphError when the sizes differ.
 */
export function reshape(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x;
  if (sizeOf(x.shape) !== sizeOf(shape)) {
    const sizes = `${sizeOf(x.shape)} and ${sizeOf(shape)} values`;
    throw x.builder.error('reshape', `${formatShape(x.shape)} cannot become ${formatShape(shape)}: ${sizes}`);
  }
  return x.builder.node('reshape', [x], [...shape], {}, (gradient) => [reshape(gradient, x.shape)]);
}
