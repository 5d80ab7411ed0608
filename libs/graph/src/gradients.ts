import { sizeOf, formatShape } from './shape.js';
import { add } from './ops/arithmetic.js';
import { broadcastTo } from './ops/broadcast-to.js';
import type { Value } from './value.js';

/**
 * Gradients of a scalar loss with respect to the given values, by reverse-mode differentiation: adds the nodes that
 * compute them. A value that the loss does not depend on gets zeros.
 * @throws GraphError when the loss is no scalar.
 */
export function gradients(loss: Value, of: readonly Value[]): Value[] {
  const { builder } = loss;
  if (sizeOf(loss.shape) !== 1) {
    throw builder.error('gradients', `the loss must be a scalar, got ${formatShape(loss.shape)}`);
  }
  builder.requireOwn('gradients', of);
  const relevant = dependents(loss, of);
  const sums = new Map<number, Value>([[loss.id, broadcastTo(builder.scalar(1), loss.shape)]]);
  // Ids grow in the order of definition, so every use of a value is behind it when its own turn comes.
  for (const id of [...relevant].sort((a, b) => b - a)) {
    const entry = builder.tapeEntry(id);
    const outputGradient = sums.get(id);
    if (!entry || !outputGradient) continue;
    const inputGradients = entry.vjp(outputGradient);
    for (const [index, input] of entry.inputs.entries()) {
      const gradient = inputGradients[index];
      if (!gradient || !relevant.has(input.id)) continue;
      const sum = sums.get(input.id);
      sums.set(input.id, sum ? add(sum, gradient) : gradient);
    }
  }
  return of.map((value) => sums.get(value.id) ?? broadcastTo(builder.scalar(0), value.shape));
}

/** Ids up to the loss whose gradient is needed: the wanted values and all that was made from them. */
function dependents(loss: Value, of: readonly Value[]): Set<number> {
  const relevant = new Set(of.map((value) => value.id));
  for (let id = 0; id <= loss.id; id++) {
    const entry = loss.builder.tapeEntry(id);
    if (entry?.inputs.some((input) => relevant.has(input.id))) relevant.add(id);
  }
  return relevant;
}
