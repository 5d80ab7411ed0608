import { formatShape, normaliseAxes } from '../shape.js';
import type { Value } from '../value.js';

/**
 * Permutes axes: axis `i` of the result is axis `perm[i]` of the input.
 * @throws GraphError when `perm` is no permutation of the axes.
 */
export function transpose(x: Value, perm: readonly number[]): Value {
  const rank = x.shape.length;
  if (perm.length !== rank || normaliseAxes(perm, rank)?.length !== rank || perm.some((axis) => axis < 0)) {
    throw x.builder.error(
      'transpose',
      `${formatShape(perm)} is no permutation of the axes of ${formatShape(x.shape)}`,
    );
  }
  const shape = perm.map((axis) => x.shape[axis]!);
  const inverse = perm.map((_, axis) => perm.indexOf(axis));
  return x.builder.node('transpose', [x], shape, { perm: [...perm] }, (gradient) => [
    transpose(gradient, inverse),
  ]);
}
