import { formatShape, sameShape } from '../shape.js';
import type { Value } from '../value.js';

/** Passes the gradient where the relu's output is above zero: one node in place of a comparison and a product. */
export function reluGradient(gradient: Value, output: Value): Value {
  return maskedGradient('reluGradient', gradient, output);
}

/** Passes the gradient where the relu6's output is between zero and six. */
export function relu6Gradient(gradient: Value, output: Value): Value {
  return maskedGradient('relu6Gradient', gradient, output);
}

function maskedGradient(op: 'reluGradient' | 'relu6Gradient', gradient: Value, output: Value): Value {
  if (!sameShape(gradient.shape, output.shape)) {
    throw gradient.builder.error(
      op,
      `gradient ${formatShape(gradient.shape)} and output ${formatShape(output.shape)} differ`,
    );
  }
  return gradient.builder.node(op, [gradient, output], gradient.shape, {}, (outer) => [
    maskedGradient(op, outer, output),
    undefined,
  ]);
}
