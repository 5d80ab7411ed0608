import type { Shape } from './graph.js';

/** Number of elements; 1 for a scalar's `[]`. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, side) => product * side, 1);
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((side, axis) => side === b[axis]);
}

/** Shape of an element-wise result by NumPy's broadcasting rule; undefined where the shapes do not fit. */
export function broadcastShapes(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) return undefined;
    shape.push(left === 1 ? right : left);
  }
  return shape;
}

/** The same axes without negative ones, ascending and without repetition; undefined where one is out of range. */
export function normaliseAxes(axes: readonly number[], rank: number): number[] | undefined {
  const positive = axes.map((axis) => (axis < 0 ? axis + rank : axis));
  const valid = positive.every((axis) => Number.isInteger(axis) && axis >= 0 && axis < rank);
  return valid ? [...new Set(positive)].sort((a, b) => a - b) : undefined;
}
