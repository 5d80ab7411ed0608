import type { UnaryOp } from '../node-ops.js';
import type { Value, VectorJacobianProduct } from '../value.js';

/** Adds a node of the input's shape. */
export function unary(op: UnaryOp, x: Value, vjp?: VectorJacobianProduct): Value {
  return x.builder.node(op, [x], x.shape, {}, vjp);
}
