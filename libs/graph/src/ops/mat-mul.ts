import { formatShape } from '../shape.js';
import type { Value } from '../value.js';

export interface MatMulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/**
 * Product of two matrices, either of them transposed first: [M, K] by [K, N] gives [M, N].
 * @throws GraphError when an input is no matrix or the inner sizes differ.
 */
export function matMul(a: Value, b: Value, options: MatMulOptions = {}): Value {
  const { transposeA = false, transposeB = false } = options;
  const [m, inner] = transposeA ? a.shape.toReversed() : a.shape;
  const [innerB, n] = transposeB ? b.shape.toReversed() : b.shape;
  if (a.shape.length !== 2 || b.shape.length !== 2 || inner !== innerB) {
    const side = (value: Value, transposed: boolean) =>
      formatShape(value.shape) + (transposed ? ' transposed' : '');
    throw a.builder.error('matMul', `${side(a, transposeA)} by ${side(b, transposeB)} does not fit`);
  }
  return a.builder.node('matMul', [a, b], [m!, n!], { transposeA, transposeB }, (gradient) => [
    transposeA
      ? matMul(b, gradient, { transposeA: transposeB, transposeB: true })
      : matMul(gradient, b, { transposeB: !transposeB }),
    transposeB
      ? matMul(gradient, a, { transposeA: true, transposeB: transposeA })
      : matMul(a, gradient, { transposeA: !transposeA }),
  ]);
}
