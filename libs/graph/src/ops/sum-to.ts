import type { Shape } from '../graph.js';
import { sameShape } from '../shape.js';
import type { Value } from '../value.js';
import { reduceSum } from './reduce.js';
import { reshape } from './reshape.js';

/** Sums over every axis along which `shape` was broadcast to the value's shape: the transpose of broadcasting. */
export function sumTo(value: Value, shape: Shape): Value {
  if (sameShape(value.shape, shape)) return value;
  const missing = value.shape.length - shape.length;
  const axes = [...value.shape.keys()].filter((axis) => {
    const side = axis < missing ? 1 : shape[axis - missing];
    return side === 1 && (axis < missing || value.shape[axis] !== 1);
  });
  return reshape(reduceSum(value, axes, { keepDims: true }), shape);
}
