import type { Shape } from '../graph.js';
import { formatShape, sameShape } from '../shape.js';
import type { Value } from '../value.js';
import { pad } from './pad.js';

/**
 * The first `sizes[i]` entries of every axis `i`: how a subnet reads its part of a shared weight.
 * @throws GraphError when `sizes` does not have one entry per axis within the axis.
 */
export function sliceLeading(x: Value, sizes: Shape): Value {
  return slice(
    x,
    sizes.map(() => 0),
    sizes,
  );
}

/** The block of shape `sizes` that begins at `starts`. */
export function slice(x: Value, starts: readonly number[], sizes: Shape): Value {
  const rank = x.shape.length;
  const fits = (side: number, axis: number) => {
    const [start, size] = [starts[axis]!, sizes[axis]!];
    return Number.isInteger(size) && size > 0 && start >= 0 && start + size <= side;
  };
  if (starts.length !== rank || sizes.length !== rank || !x.shape.every(fits)) {
    throw x.builder.error(
      'slice',
      `${formatShape(sizes)} at ${formatShape(starts)} does not lie within ${formatShape(x.shape)}`,
    );
  }
  if (sameShape(x.shape, sizes)) return x;
  const after = x.shape.map((side, axis) => side - starts[axis]! - sizes[axis]!);
  return x.builder.node('slice', [x], [...sizes], { starts: [...starts] }, (gradient) => [
    pad(gradient, starts, after),
  ]);
}
