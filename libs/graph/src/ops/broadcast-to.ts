import type { Shape } from '../graph.js';
import { broadcastShapes, formatShape, sameShape } from '../shape.js';
import type { Value } from '../value.js';
import { sumTo } from './sum-to.js';

/**
 * Repeats a value along axes of size 1 and new leading axes.
 * @throws GraphError when the value does not broadcast to the shape.
 */
export function broadcastTo(x: Value, shape: Shape): Value {
  if (sameShape(x.shape, shape)) return x;
  const broadcast = broadcastShapes(x.shape, shape);
  if (!broadcast || !sameShape(broadcast, shape)) {
    throw x.builder.error(
      'broadcastTo',
      `${formatShape(x.shape)} does not broadcast to ${formatShape(shape)}`,
    );
  }
  return x.builder.node('broadcastTo', [x], shape, {}, (gradient) => [sumTo(gradient, x.shape)]);
}
