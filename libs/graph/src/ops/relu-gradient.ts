import { formatShape, sameShape } from '../shape.js';
import type { Value } from '../value.js';

/** Passes the gradient where the relu's output is above zero: one node in place of a comparison and a product. */
export function reluGradient(gradient: Value, output: Value): Value {
  if (!sameShape(gradient.shape, output.shape)) {
    throw gradient.builder.error(
      'reluGradient',
      `gradient ${formatShape(gradient.shape)} and output ${formatShape(output.shape)} differ`,
    );
  }
  return gradient.builder.node('reluGradient', [gradient, output], gradient.shape, {}, (outer) => [
    reluGradient(outer, output),
    undefined,
  ]);
}
