import { formatShape, sameShape, sizeOf, type NamedValue, type Tensor } from '#graph';
import { ExecutorError, type Tensors } from './executor.js';

/**
 * Refuses tensors that the graph does not name or whose shape or length differs.
 * @throws ExecutorError naming the tensor and both sides' sizes.
 */
export function checkTensors(kind: 'feed' | 'state', given: Tensors, expected: readonly NamedValue[]): void {
  const byName = new Map(expected.map((value) => [value.name, value]));
  for (const [name, tensor] of Object.entries(given)) {
    const value = byName.get(name);
    if (!value) {
      const known = [...byName.keys()].join(', ') || 'none';
      throw new ExecutorError(`${kind} "${name}" is unknown; the graph has ${known}`);
    }
    checkShape(kind, value, tensor);
  }
}

/** Refuses feeds that are not exactly the graph's inputs. */
export function checkFeeds(feeds: Tensors, inputs: readonly NamedValue[]): void {
  checkTensors('feed', feeds, inputs);
  for (const { name, shape } of inputs) {
    if (!(name in feeds)) throw new ExecutorError(`feed "${name}" ${formatShape(shape)} is missing`);
  }
}

/** Refuses to go on before every state has its first value. */
export function checkStateSet(
  states: readonly NamedValue[],
  present: Readonly<Record<string, unknown>>,
): void {
  for (const { name } of states) {
    if (!(name in present)) throw new ExecutorError(`state "${name}" was never set`);
  }
}

function checkShape(kind: string, { name, shape }: NamedValue, tensor: Tensor): void {
  if (!sameShape(tensor.shape, shape)) {
    throw new ExecutorError(
      `${kind} "${name}" must be ${formatShape(shape)}, got ${formatShape(tensor.shape)}`,
    );
  }
  if (tensor.data.length !== sizeOf(shape)) {
    throw new ExecutorError(
      `${kind} "${name}" ${formatShape(shape)} needs ${sizeOf(shape)} values, got ${tensor.data.length}`,
    );
  }
}
