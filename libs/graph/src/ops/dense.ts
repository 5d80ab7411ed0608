import { formatShape } from '../shape.js';
import type { Value } from '../value.js';
import { add } from './arithmetic.js';
import { matMul } from './mat-mul.js';

/**
 * Fully connected layer: x [N, I] by w [I, O] plus b [O] gives [N, O].
 * @throws GraphError when the sizes do not fit.
 */
export function dense(x: Value, w: Value, b: Value): Value {
  if (b.shape.length !== 1 || b.shape[0] !== w.shape[1]) {
    throw x.builder.error(
      'dense',
      `weights ${formatShape(w.shape)} and bias ${formatShape(b.shape)} differ in outputs`,
    );
  }
  return add(matMul(x, w), b);
}
