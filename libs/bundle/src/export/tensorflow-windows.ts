/** Convolutions and pools of a TensorFlow graph, by the operators that TensorFlow.js has: none pads a pool, none takes groups. */
import type { Tensor } from '#graph';
import type { ImageShape } from '#network';
import { depthwiseChannelsLast, filtersByGroup, filtersChannelsLast } from './channels-last.js';
import type { PlainConv, PlainPool } from './plain-network.js';
import { CHANNELS_LAST, INTEGER, int, ints, text, type TensorFlowGraph } from './tensorflow-graph.js';

interface Place {
  readonly graph: TensorFlowGraph;
  readonly input: string;
  /** Name of the layer's result. */
  readonly output: string;
  /** Of the input. */
  readonly image: ImageShape;
}

/** Below every value that a layer gives. */
const LOWEST = -3.4028234663852886e38;

/** A bit for each axis that a StridedSlice takes in whole. */
const BATCH_AND_CHANNELS = 0b1001;

export function writeConv(layer: PlainConv, place: Place): void {
  const { graph, output } = place;
  const { name, bias } = layer;
  if (!bias) return writeFilters(layer, place);
  const sums = graph.unused(`${name}.sums`);
  writeFilters(layer, { ...place, output: sums });
  const added = graph.constant(`${name}.bias`, { shape: [bias.length], data: bias });
  graph.named(output, 'BiasAdd', [sums, added], CHANNELS_LAST);
}

function writeFilters(layer: PlainConv, place: Place): void {
  const { graph, input, output, image } = place;
  const { name, filters, groups } = layer;
  if (groups === 1) return slide(layer, 'Conv2D', filtersChannelsLast(filters), place);
  if (groups === image.channels) {
    return slide(layer, 'DepthwiseConv2dNative', depthwiseChannelsLast(filters, groups), place);
  }
  const axis = graph.integers(`${name}.axis`, [-1], []);
  const split = graph.step(name, 'Split', [axis, input], { num_split: int(groups) });
  const parts = filtersByGroup(filters, groups).map((own, group) => {
    const part = graph.unused(`${name}.group${group}`);
    slide(layer, 'Conv2D', filtersChannelsLast(own), { ...place, input: `${split}:${group}`, output: part });
    return part;
  });
  graph.named(output, 'ConcatV2', [...parts, axis], { N: int(groups), Tidx: INTEGER });
}

/** Filters over images. TensorFlow.js has no stride together with a dilation: then what a stride leaves out is left out after. */
function slide(
  layer: PlainConv,
  op: 'Conv2D' | 'DepthwiseConv2dNative',
  filters: Tensor,
  { graph, input, output, image }: Place,
): void {
  const { name, kernel, padding, dilation } = layer;
  const isBoth = layer.stride > 1 && dilation > 1;
  const stride = isBoth ? 1 : layer.stride;
  const everywhere = isBoth ? graph.unused(`${name}.everywhere`) : output;
  graph.named(everywhere, op, [input, graph.constant(`${name}.weight`, filters)], {
    ...{
      ...CHANNELS_LAST,
      strides: ints([1, stride, stride, 1]),
      dilations: ints([1, dilation, dilation, 1]),
    },
    padding: text(padding > 0 ? 'EXPLICIT' : 'VALID'),
    ...(padding > 0 && { explicit_paddings: ints([0, 0, padding, padding, padding, padding, 0, 0]) }),
  });
  if (!isBoth) return;
  const side = (size: number) => size + 2 * padding - dilation * (kernel - 1);
  const bounds = [
    graph.integers(`${name}.begin`, [0, 0, 0, 0]),
    graph.integers(`${name}.end`, [0, side(image.height), side(image.width), 0]),
    graph.integers(`${name}.strides`, [1, layer.stride, layer.stride, 1]),
  ];
  const whole = { begin_mask: int(BATCH_AND_CHANNELS), end_mask: int(BATCH_AND_CHANNELS) };
  graph.named(output, 'StridedSlice', [everywhere, ...bounds], { Index: INTEGER, ...whole });
}

export function writePool(layer: PlainPool, { graph, input, output, image }: Place): void {
  const { name, kind, kernel, stride, padding } = layer;
  const windows = {
    ...{ ...CHANNELS_LAST, padding: text('VALID') },
    ...{ ksize: ints([1, kernel, kernel, 1]), strides: ints([1, stride, stride, 1]) },
  };
  const op = kind === 'max-pool' ? 'MaxPool' : 'AvgPool';
  if (padding === 0) return void graph.named(output, op, [input], windows);
  const border = graph.constant(`${name}.border`, {
    shape: [],
    data: Float32Array.of(kind === 'max-pool' ? LOWEST : 0),
  });
  const pads = graph.integers(`${name}.padding`, [0, 0, padding, padding, padding, padding, 0, 0], [4, 2]);
  const padded = graph.step(name, 'PadV2', [input, pads, border], { Tpaddings: INTEGER });
  if (kind === 'max-pool') return void graph.named(output, op, [padded], windows);
  const mean = graph.step(name, op, [padded], windows);
  graph.named(output, 'Mul', [mean, graph.constant(`${name}.counted`, countedShare(layer, image))]);
}

/** By what an average over padded windows has to be multiplied to be one over the image's values, [1, rows, columns, 1]. */
function countedShare({ kernel, stride, padding }: PlainPool, image: ImageShape): Tensor {
  const within = (side: number): number[] => {
    const windows = Math.floor((side + 2 * padding - kernel) / stride) + 1;
    return Array.from({ length: windows }, (_, window) => {
      const start = window * stride - padding;
      return Math.min(start + kernel, side) - Math.max(start, 0);
    });
  };
  const [rows, columns] = [within(image.height), within(image.width)];
  const data = rows.flatMap((row) => columns.map((column) => kernel ** 2 / (row * column)));
  return { shape: [1, rows.length, columns.length, 1], data: Float32Array.from(data) };
}
