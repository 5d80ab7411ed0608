import { concat, slice, sliceLeading, type Value } from '#graph';
import { keptChannels, type ChannelSegment, type Widths } from '#network';
import type { Axis, Layout } from './parameters.js';

/** Neighbouring entries of an axis. */
interface Run {
  readonly start: number;
  readonly size: number;
}

/**
 * A subnet's tensors inside a graph, by name, as slices of the shared ones: a prefix of every axis. Where a layer reads a
 * concatenation, what is kept is a prefix of each segment, and the slice is the slices of the segments, side by side.
 * @param layouts of the whole network
 * @param shared tensors of the whole network by name, channels in the mask's order
 */
export function slicedTensors(
  layouts: readonly Layout[],
  shared: ReadonlyMap<string, Value>,
  widths: Widths,
): (name: string) => Value {
  const axesOf = new Map(layouts.map(({ name, axes }) => [name, axes]));
  return (name) => sliceAxes(shared.get(name)!, axesOf.get(name)!, widths);
}

function sliceAxes(whole: Value, axes: readonly Axis[], widths: Widths): Value {
  const runs = axes.map(({ segments }) => keptRuns(segments, widths));
  const sizes = axes.map(({ segments }) => keptChannels(segments, widths));
  const apart = runs.findIndex((own) => own.length > 1);
  if (apart < 0) return sliceLeading(whole, sizes);
  // Only an input axis reads concatenations: there is no second one.
  const starts = axes.map(() => 0);
  const parts = runs[apart]!.map(({ start, size }) =>
    slice(whole, starts.with(apart, start), sizes.with(apart, size)),
  );
  return concat(parts, apart);
}

/** What is kept of an axis; what lies together, because all of a segment is kept, is one run. */
function keptRuns(segments: readonly ChannelSegment[], widths: Widths): Run[] {
  const runs: Run[] = [];
  let start = 0;
  for (const segment of segments) {
    const size = keptChannels([segment], widths);
    const before = runs.at(-1);
    if (before && before.start + before.size === start) {
      runs[runs.length - 1] = { start: before.start, size: before.size + size };
    } else {
      runs.push({ start, size });
    }
    start += segment.size;
  }
  return runs;
}
