import type { Shape } from '#graph';

/** Which logical axis stands at each place in memory: `[0, 2, 3, 1]` says that [N, C, H, W] lies as [N, H, W, C]. */
export type AxisOrder = readonly number[];

/** As the graph says: row-major. */
export const LOGICAL: AxisOrder = [0, 1, 2, 3];
/** Images [N, C, H, W] as [N, H, W, C], the one order that TensorFlow.js convolves on CPUs. */
export const IMAGES: AxisOrder = [0, 2, 3, 1];
/** Filters [O, I, k, k] as [k, k, I, O], which goes with it. */
export const FILTERS: AxisOrder = [2, 3, 1, 0];

export function inOrder<T>(values: readonly T[], order: AxisOrder): T[] {
  return order.map((axis) => values[axis]!);
}

/** The permutation that turns one order in memory into another. */
export function permutation(from: AxisOrder, to: AxisOrder): number[] {
  return to.map((axis) => from.indexOf(axis));
}

/** Whether a tensor's values lie in the same sequence in both orders, since axes of one element do not count. */
export function sameSequence(shape: Shape, from: AxisOrder, to: AxisOrder): boolean {
  const long = (order: AxisOrder) => order.filter((axis) => shape[axis] !== 1);
  return long(from).join() === long(to).join();
}
