import type { Value } from '../value.js';
import { binary } from './binary.js';
import { neg } from './elementwise.js';

/** `a + b` with NumPy broadcasting. */
export function add(a: Value, b: Value): Value {
  return (
    folded(a, b, (x, y) => x + y) ??
    withoutNeutral(a, b, 0) ??
    withoutNeutral(b, a, 0) ??
    binary('add', a, b, (gradient) => [gradient, gradient])
  );
}

/** `a - b` with NumPy broadcasting. */
export function sub(a: Value, b: Value): Value {
  return (
    folded(a, b, (x, y) => x - y) ??
    withoutNeutral(a, b, 0) ??
    binary('sub', a, b, (gradient) => [gradient, neg(gradient)])
  );
}

/** `a * b` with NumPy broadcasting. */
export function mul(a: Value, b: Value): Value {
  return (
    folded(a, b, (x, y) => x * y) ??
    withoutNeutral(a, b, 1) ??
    withoutNeutral(b, a, 1) ??
    binary('mul', a, b, (gradient) => [mul(gradient, b), mul(gradient, a)])
  );
}

/** `a / b` with NumPy broadcasting. */
export function div(a: Value, b: Value): Value {
  return (
    folded(a, b, (x, y) => x / y) ??
    withoutNeutral(a, b, 1) ??
    binary('div', a, b, (gradient, output) => [div(gradient, b), neg(div(mul(gradient, output), b))])
  );
}

/** Two constants of shape `[]` become one: autodiff multiplies such factors again and again. */
function folded(a: Value, b: Value, compute: (x: number, y: number) => number): Value | undefined {
  const [x, y] = [a.builder.scalarOf(a), a.builder.scalarOf(b)];
  return x === undefined || y === undefined ? undefined : a.builder.scalar(compute(x, y));
}

/** `kept` itself where the other side is the op's neutral number. */
function withoutNeutral(kept: Value, other: Value, neutral: number): Value | undefined {
  return other.builder.scalarOf(other) === neutral && kept.builder === other.builder ? kept : undefined;
}
