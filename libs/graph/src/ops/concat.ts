import { GraphError } from '../graph-error.js';
import { formatShape } from '../shape.js';
import type { Value } from '../value.js';
import { slice } from './slice.js';

/**
 * Joins values along an axis; all other axes must be equal.
 * @throws GraphError when there is no value, no such axis or the other axes differ.
 */
export function concat(values: readonly Value[], axis: number): Value {
  const first = values[0];
  if (!first) throw new GraphError('concat: needs at least one value');
  const rank = first.shape.length;
  if (!Number.isInteger(axis) || axis < 0 || axis >= rank) {
    throw first.builder.error('concat', `${formatShape(first.shape)} has no axis ${axis}`);
  }
  for (const { shape } of values) {
    if (shape.length !== rank || shape.some((side, i) => i !== axis && side !== first.shape[i])) {
      throw first.builder.error(
        'concat',
        `${formatShape(first.shape)} and ${formatShape(shape)} differ outside axis ${axis}`,
      );
    }
  }
  if (values.length === 1) return first;
  const total = values.reduce((sum, value) => sum + value.shape[axis]!, 0);
  return first.builder.node('concat', values, first.shape.with(axis, total), { axis }, (gradient) => {
    let start = 0;
    return values.map(({ shape }) => {
      const starts = shape.map((_, i) => (i === axis ? start : 0));
      start += shape[axis]!;
      return slice(gradient, starts, shape);
    });
  });
}
