import { formatShape } from '../shape.js';
import type { Value } from '../value.js';
import { slice } from './slice.js';

/**
 * Adds zeros: `before[i]` and `after[i]` of them at the two ends of axis `i`.
 * @throws GraphError when there is not one count of zero or more per axis.
 */
export function pad(x: Value, before: readonly number[], after: readonly number[]): Value {
  const rank = x.shape.length;
  const counts = [...before, ...after];
  if (
    before.length !== rank ||
    after.length !== rank ||
    !counts.every((n) => Number.isInteger(n) && n >= 0)
  ) {
    throw x.builder.error(
      'pad',
      `${formatShape(before)} before and ${formatShape(after)} after do not fit ${formatShape(x.shape)}`,
    );
  }
  if (counts.every((count) => count === 0)) return x;
  const shape = x.shape.map((side, axis) => before[axis]! + side + after[axis]!);
  return x.builder.node('pad', [x], shape, { before: [...before], after: [...after] }, (gradient) => [
    slice(gradient, before, x.shape),
  ]);
}
