import { formatShape, sameShape } from '../shape.js';
import type { Value, VectorJacobianProduct } from '../value.js';

/** The same values; no gradient flows back through them. */
export function stopGradient(x: Value): Value {
  return x.builder.alias(x);
}

/**
 * Straight-through estimator: the values of `hard`, whose gradient goes to `soft` unchanged (Bengio et al. 2013,
 * arXiv 1308.3432). A step function's own gradient is zero everywhere and would teach nothing.
 * @throws GraphError when the shapes differ.
 */
export function straightThrough(soft: Value, hard: Value): Value {
  if (!sameShape(soft.shape, hard.shape)) {
    throw soft.builder.error(
      'straightThrough',
      `soft ${formatShape(soft.shape)} and hard ${formatShape(hard.shape)} differ`,
    );
  }
  return withGradient(hard, [soft], (gradient) => [gradient]);
}

/**
 * The same values with another gradient: it goes to `inputs` by the given rule, in place of whatever ops made the
 * value. For gradients that are shorter or more accurate by hand than op by op.
 */
export function withGradient(output: Value, inputs: readonly Value[], vjp: VectorJacobianProduct): Value {
  return output.builder.alias(output, { inputs, vjp });
}
