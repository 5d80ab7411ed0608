import type { Tensor } from '#graph';
import type { Widths } from '#network';
import type { Layout } from './parameters.js';

/** Channels of each group, in the order in which they shall stand; a group that is absent keeps all of its own. */
export type Selection = Readonly<Record<string, readonly number[]>>;

/** Takes the selected channels of every tensor that has a layout: a permutation sorts, a subset slices. */
export function selectChannels(
  tensors: Readonly<Record<string, Tensor>>,
  layouts: readonly Layout[],
  selection: Selection,
): Record<string, Tensor> {
  return Object.fromEntries(
    layouts.map((layout) => {
      const indices = layout.axes.map((axis) => (axis.group && selection[axis.group]) || upTo(axis.size));
      return [layout.name, gather(tensors[layout.name]!, indices)];
    }),
  );
}

/** The first channels of every group. */
export function prefixSelection(widths: Widths): Selection {
  return Object.fromEntries(Object.entries(widths).map(([group, width]) => [group, upTo(width)]));
}

/** The entries of `tensor` at the given indices of each axis. */
function gather(tensor: Tensor, indices: readonly (readonly number[])[]): Tensor {
  const shape = indices.map((along) => along.length);
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  let next = 0;
  const copy = (axis: number, offset: number): void => {
    if (axis === shape.length) {
      data[next++] = tensor.data[offset]!;
      return;
    }
    for (const index of indices[axis]!) copy(axis + 1, offset * tensor.shape[axis]! + index);
  };
  copy(0, 0);
  return { shape, data };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
