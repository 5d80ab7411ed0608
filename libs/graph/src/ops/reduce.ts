import type { Shape } from '../graph.js';
import { formatShape, normaliseAxes } from '../shape.js';
import type { Value } from '../value.js';
import { mul } from './arithmetic.js';
import { broadcastTo } from './broadcast-to.js';
import { reshape } from './reshape.js';

export interface ReduceOptions {
  /** Keeps the reduced axes with size 1; default false. */
  readonly keepDims?: boolean;
}

/** Sums over the given axes (negative ones count from the end); without axes the value itself. */
export function reduceSum(x: Value, axes: readonly number[], options: ReduceOptions = {}): Value {
  return reduce('reduceSum', x, axes, options);
}

/** Mean over the given axes (negative ones count from the end); without axes the value itself. */
export function reduceMean(x: Value, axes: readonly number[], options: ReduceOptions = {}): Value {
  return reduce('reduceMean', x, axes, options);
}

function reduce(
  op: 'reduceSum' | 'reduceMean',
  x: Value,
  givenAxes: readonly number[],
  { keepDims = false }: ReduceOptions,
): Value {
  const axes = normaliseAxes(givenAxes, x.shape.length);
  if (!axes) {
    throw x.builder.error(op, `axes ${formatShape(givenAxes)} do not fit the shape ${formatShape(x.shape)}`);
  }
  if (axes.length === 0) return x;
  const kept: Shape = x.shape.map((side, axis) => (axes.includes(axis) ? 1 : side));
  const shape = keepDims ? kept : x.shape.filter((_, axis) => !axes.includes(axis));
  const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
  return x.builder.node(op, [x], shape, { axes, keepDims }, (gradient) => {
    const scaled = op === 'reduceMean' ? mul(gradient, x.builder.scalar(1 / count)) : gradient;
    return [broadcastTo(reshape(scaled, kept), x.shape)];
  });
}
