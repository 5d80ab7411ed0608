import {
  deriveChannelGroups,
  deriveShapes,
  groupCountOf,
  inputsOf,
  type ChannelSegment,
  type Layer,
  type Network,
} from '#network';
import type { Tensor } from '#graph';

/** Weights by name: `<conv>.weight` [out, in / groups, k, k], `<dense>.weight` [in, out], `<dense>.bias` [out]. */
export type Parameters = Record<string, Tensor>;

/** One BatchNorm layer's values, one per channel; the variance is the biased one. */
export interface BatchNormValues {
  readonly scale: Float32Array;
  readonly shift: Float32Array;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

/** BatchNorm values by layer name. */
export type BatchNormState = Record<string, BatchNormValues>;

/** One axis of a trained tensor: its size, and the channel groups that decide which of its entries a subnet keeps. */
export interface Axis {
  readonly size: number;
  /** More than one behind a concatenation. The image's channels, kernels and classes are of no group. */
  readonly segments: readonly ChannelSegment[];
}

/** What a trained tensor looks like and which channel groups it follows. */
export interface Layout {
  readonly name: string;
  readonly kind: 'weight' | 'bias' | 'scale' | 'shift';
  readonly axes: readonly Axis[];
}

export const shapeOf = (layout: Layout): number[] => layout.axes.map((axis) => axis.size);

/** Layouts of all weights and biases of a network, in layer order. */
export function parameterLayouts(network: Network): Layout[] {
  return layoutsOf(network, (layer, input, output) => {
    if (layer.kind === 'conv') {
      const tap = unpruned(layer.kernel);
      const groups = groupCountOf(layer, input.size);
      // The input of several groups is pruned with the output (depthwise) or not at all.
      const read = groups === 1 ? input : unpruned(input.size / groups);
      return [{ name: weightName(layer.name), kind: 'weight', axes: [output, read, tap, tap] }];
    }
    if (layer.kind !== 'dense') return [];
    return [
      { name: weightName(layer.name), kind: 'weight', axes: [input, output] },
      { name: biasName(layer.name), kind: 'bias', axes: [output] },
    ];
  });
}

/** Shapes of all weights and biases of a network by name, in layer order. */
export function parameterShapes(network: Network): Record<string, number[]> {
  return Object.fromEntries(parameterLayouts(network).map((layout) => [layout.name, shapeOf(layout)]));
}

/** Layouts of BatchNorm's scale and shift, in layer order. */
export function batchNormLayouts(network: Network): Layout[] {
  return layoutsOf(network, (layer, input) =>
    layer.kind === 'batch-norm'
      ? [
          { name: scaleName(layer.name), kind: 'scale', axes: [input] },
          { name: shiftName(layer.name), kind: 'shift', axes: [input] },
        ]
      : [],
  );
}

export const weightName = (layer: string): string => `${layer}.weight`;
export const biasName = (layer: string): string => `${layer}.bias`;
export const scaleName = (layer: string): string => `${layer}.scale`;
export const shiftName = (layer: string): string => `${layer}.shift`;

const unpruned = (size: number): Axis => ({ size, segments: [{ size }] });

function layoutsOf(
  network: Network,
  describe: (layer: Layer, input: Axis, output: Axis) => Layout[],
): Layout[] {
  const shapes = deriveShapes(network);
  const { segmentsOf } = deriveChannelGroups(network);
  const axis = (layer: string): Axis => ({
    size: shapes.get(layer)!.channels,
    segments: segmentsOf.get(layer)!,
  });
  return network.layers.flatMap((layer) => describe(layer, axis(inputsOf(layer)[0]!), axis(layer.name)));
}

export const isFiniteBatchNorm = (state: BatchNormState): boolean =>
  Object.values(state).every((layer) =>
    [layer.scale, layer.shift, layer.mean, layer.variance].every((values) => values.every(Number.isFinite)),
  );
