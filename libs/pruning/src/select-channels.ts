import type { Tensor } from '#graph';
import type { Widths } from '#network';
import type { Axis, Layout } from './parameters.js';

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
      const indices = layout.axes.map((axis) => selectedOf(axis, selection));
      return [layout.name, gather(tensors[layout.name]!, indices)];
    }),
  );
}

/** The first channels of every group. */
export function prefixSelection(widths: Widths): Selection {
  return Object.fromEntries(Object.entries(widths).map(([group, width]) => [group, upTo(width)]));
}

/** What the selection leaves of an axis, segment by segment; undefined where it names none of the axis's groups. */
function selectedOf({ segments }: Axis, selection: Selection): readonly number[] | undefined {
  const chosen = segments.map(({ group }) =>
    group !== undefined && Object.hasOwn(selection, group) ? selection[group] : undefined,
  );
  if (chosen.length === 1 || chosen.every((channels) => channels === undefined)) return chosen[0];
  let start = 0;
  return segments.flatMap(({ size }, index) => {
    const begin = start;
    start += size;
    return (chosen[index] ?? upTo(size)).map((channel) => begin + channel);
  });
}

/** The entries of `tensor` at the given indices of each axis; all of an axis without indices. */
function gather(tensor: Tensor, indices: readonly (readonly number[] | undefined)[]): Tensor {
  const shape = indices.map((along, axis) => along?.length ?? tensor.shape[axis]!);
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  // What follows the last selected axis lies together: it is copied in blocks, since one value at a time is slow.
  const selected = indices.findLastIndex((along) => along !== undefined) + 1;
  const block = shape.slice(selected).reduce((a, b) => a * b, 1);
  let next = 0;
  const copy = (axis: number, offset: number): void => {
    if (axis === selected) {
      data.set(tensor.data.subarray(offset * block, (offset + 1) * block), next);
      next += block;
      return;
    }
    const size = tensor.shape[axis]!;
    for (const index of indices[axis] ?? upTo(size)) copy(axis + 1, offset * size + index);
  };
  copy(0, 0);
  return { shape, data };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
