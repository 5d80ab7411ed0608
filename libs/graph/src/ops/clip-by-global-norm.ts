import type { Value } from '../value.js';
import { add, div, mul, sub } from './arithmetic.js';
import { relu, sqrt } from './elementwise.js';
import { reduceSum } from './reduce.js';

/**
 * Scales all gradients by one factor so that the norm of all of them together is `maxNorm` at most (Pascanu et al.
 * 2013, arXiv 1211.5063); below that they stay as they are.
 * @throws GraphError when `maxNorm` is no positive number.
 */
export function clipByGlobalNorm(gradients: readonly Value[], maxNorm: number): Value[] {
  const first = gradients[0];
  if (!first) return [];
  if (!(maxNorm > 0 && Number.isFinite(maxNorm))) {
    throw first.builder.error('clipByGlobalNorm', `maxNorm ${maxNorm} is no positive number`);
  }
  const squares = gradients.map((gradient) => reduceSum(mul(gradient, gradient), [...gradient.shape.keys()]));
  const norm = sqrt(squares.reduce(add));
  const limit = first.builder.scalar(maxNorm);
  // max(norm, limit) by way of a relu: exactly the limit, and so a factor of exactly 1, where nothing is clipped.
  const factor = div(limit, add(limit, relu(sub(norm, limit))));
  return gradients.map((gradient) => mul(gradient, factor));
}
