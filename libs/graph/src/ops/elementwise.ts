import type { Value } from '../value.js';
import { div, mul } from './arithmetic.js';
import { relu6Gradient, reluGradient } from './relu-gradient.js';
import { unary } from './unary.js';

export function neg(x: Value): Value {
  return unary('neg', x, (gradient) => [neg(gradient)]);
}

export function exp(x: Value): Value {
  const output: Value = unary('exp', x, (gradient) => [mul(gradient, output)]);
  return output;
}

/** Natural logarithm. */
export function log(x: Value): Value {
  return unary('log', x, (gradient) => [div(gradient, x)]);
}

export function sqrt(x: Value): Value {
  const output: Value = unary('sqrt', x, (gradient) => [div(mul(gradient, x.builder.scalar(0.5)), output)]);
  return output;
}

/** `1 / x`. */
export function reciprocal(x: Value): Value {
  const output: Value = unary('reciprocal', x, (gradient) => [neg(mul(gradient, mul(output, output)))]);
  return output;
}

/** `max(x, 0)`; its gradient at 0 is 0. */
export function relu(x: Value): Value {
  const output: Value = unary('relu', x, (gradient) => [reluGradient(gradient, output)]);
  return output;
}

/** `min(max(x, 0), 6)` (Krizhevsky 2010); its gradient at 0 and at 6 is 0. */
export function relu6(x: Value): Value {
  const output: Value = unary('relu6', x, (gradient) => [relu6Gradient(gradient, output)]);
  return output;
}

/** 1 where `x > 0`, else 0. A step: no gradient flows through it. */
export function greaterThanZero(x: Value): Value {
  return unary('greaterThanZero', x);
}
