import type { GraphError } from '../graph-error.js';
import type { PoolAttributes } from '../node-ops.js';
import type { Shape } from '../graph.js';
import { formatShape } from '../shape.js';
import type { Value } from '../value.js';

type Refuse = (problem: string) => GraphError;

/** Errors of an op on images, which end with both sides' sizes. */
export function refusal(op: string, images: Value, other: string): Refuse {
  const sizes = `images ${formatShape(images.shape)}, ${other}`;
  return (problem) => images.builder.error(op, `${problem} (${sizes})`);
}

/** Refuses attributes that are no integers of at least `minimum`. */
export function requireFrom(minimum: 0 | 1, attributes: Readonly<Record<string, number>>, refuse: Refuse) {
  const expected = minimum === 1 ? 'positive integer' : 'integer from 0';
  for (const [name, value] of Object.entries(attributes)) {
    if (!Number.isInteger(value) || value < minimum) throw refuse(`${name} ${value} is no ${expected}`);
  }
}

/** How many windows lie along both image axes of [N, C, H, W]: floor((side + 2 padding - kernel) / stride) + 1. */
export function windowCounts(
  images: Shape,
  { kernel, stride, padding }: PoolAttributes,
  refuse: Refuse,
  what: 'filter' | 'window',
): [number, number] {
  requireFrom(1, { stride }, refuse);
  requireFrom(0, { padding }, refuse);
  const [height, width] = images.slice(2) as [number, number];
  if (Math.min(height, width) + 2 * padding < kernel) {
    throw refuse(`a ${kernel}x${kernel} ${what} does not fit the image with padding ${padding}`);
  }
  const count = (side: number) => Math.floor((side + 2 * padding - kernel) / stride) + 1;
  return [count(height), count(width)];
}
