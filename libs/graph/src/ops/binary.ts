import type { BinaryOp } from '../node-ops.js';
import { broadcastShapes, formatShape } from '../shape.js';
import type { Value } from '../value.js';
import { sumTo } from './sum-to.js';

/**
 * Adds an element-wise node with NumPy broadcasting. The gradients of both sides are summed over what was broadcast.
 * @throws GraphError when the shapes do not broadcast.
 */
export function binary(
  op: BinaryOp,
  a: Value,
  b: Value,
  gradients: (outputGradient: Value, output: Value) => readonly [Value, Value],
): Value {
  const shape = broadcastShapes(a.shape, b.shape);
  if (!shape) {
    throw a.builder.error(op, `${formatShape(a.shape)} and ${formatShape(b.shape)} do not broadcast`);
  }
  const output: Value = a.builder.node(op, [a, b], shape, {}, (outputGradient) => {
    const [left, right] = gradients(outputGradient, output);
    return [sumTo(left, a.shape), sumTo(right, b.shape)];
  });
  return output;
}
