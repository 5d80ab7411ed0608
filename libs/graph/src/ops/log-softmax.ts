import type { Value } from '../value.js';
import { mul, sub } from './arithmetic.js';
import { exp } from './elementwise.js';
import { reduceSum } from './reduce.js';

/** Logarithm of the softmax over the last axis. */
export function logSoftmax(x: Value): Value {
  if (x.shape.length === 0) throw x.builder.error('logSoftmax', 'a scalar has no axis to normalise over');
  const output: Value = x.builder.node('logSoftmax', [x], x.shape, {}, (gradient) => [
    sub(gradient, mul(exp(output), reduceSum(gradient, [-1], { keepDims: true }))),
  ]);
  return output;
}
