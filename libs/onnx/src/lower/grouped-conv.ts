import type { ConvAttributes, NodeOf, Shape } from '#graph';
import type { Emitter } from '../emitter.js';

/** Convolutions with several groups (depthwise ones among them) or dilated filters, and their gradients. */

const both = (value: number) => [value, value];
const allSides = (value: number) => [value, value, value, value];

export function isGrouped({ groups, dilation }: ConvAttributes): boolean {
  return groups > 1 || dilation > 1;
}

function windowAttributes(kernel: number, { stride, dilation, groups }: ConvAttributes, padding: number) {
  return {
    kernel_shape: both(kernel),
    strides: both(stride),
    dilations: both(dilation),
    group: groups,
    pads: allSides(padding),
  };
}

export function groupedConv2d(node: NodeOf<'conv2d'>, emitter: Emitter, output: string): void {
  const kernel = emitter.shapeOf(node.inputs[1]!)[2]!;
  const inputs = node.inputs.map((input) => emitter.nameOf(input));
  const attributes = windowAttributes(kernel, node.attributes, node.attributes.padding);
  emitter.emit('Conv', inputs, { attributes, output });
}

/** As of a plain convolution: a Conv with turned filters at stride 1, a ConvTranspose otherwise. */
export function groupedInputGradient(
  node: NodeOf<'conv2dInputGradient'>,
  emitter: Emitter,
  output: string,
): void {
  const { stride, padding, dilation } = node.attributes;
  const [gradient, filters] = node.inputs.map((input) => emitter.nameOf(input));
  const [gradientShape, filterShape] = node.inputs.map((input) => emitter.shapeOf(input));
  const kernel = filterShape![2]!;
  const reach = dilation * (kernel - 1);
  if (stride === 1 && reach >= padding) {
    const turned = turnedFilters(filters!, filterShape!, node.attributes.groups, emitter);
    const attributes = windowAttributes(kernel, node.attributes, reach - padding);
    emitter.emit('Conv', [gradient!, turned], { attributes, output });
    return;
  }
  // Rows and columns at the end of the image that no filter position reached.
  const unread = [2, 3].map(
    (axis) => node.shape[axis]! + 2 * padding - reach - 1 - stride * (gradientShape![axis]! - 1),
  );
  emitter.emit('ConvTranspose', [gradient!, filters!], {
    attributes: { ...windowAttributes(kernel, node.attributes, padding), output_padding: unread },
    output,
  });
}

/** Filters [O, C / groups, k, k] as [C, O / groups, k, k], turned by 180 degrees. */
function turnedFilters(filters: string, shape: Shape, groups: number, emitter: Emitter): string {
  const [outChannels, groupChannels, kernel] = shape as [number, number, number];
  const reshaped = (name: string, sides: Shape) => emitter.emit('Reshape', [name, emitter.integers(sides)]);
  const groupFilters = outChannels / groups;
  let swapped = filters;
  if (groupChannels !== 1 || groupFilters !== 1) {
    const split = reshaped(filters, [groups, groupFilters, groupChannels, kernel, kernel]);
    const exchanged = emitter.emit('Transpose', [split], { attributes: { perm: [0, 2, 1, 3, 4] } });
    swapped = reshaped(exchanged, [groups * groupChannels, groupFilters, kernel, kernel]);
  }
  if (kernel === 1) return swapped;
  const bounds = [both(-1), both(-kernel - 1), [2, 3], both(-1)].map((values) => emitter.integers(values));
  return emitter.emit('Slice', [swapped, ...bounds]);
}

/** One batched matrix product per filter tap and group over the image values that the tap meets. */
export function groupedFilterGradient(
  node: NodeOf<'conv2dFilterGradient'>,
  emitter: Emitter,
  output: string,
): void {
  const { stride, padding, dilation, groups } = node.attributes;
  const [images, gradient] = node.inputs.map((input) => emitter.nameOf(input));
  const [imageShape, gradientShape] = node.inputs.map((input) => emitter.shapeOf(input));
  const [batch, channels] = imageShape as [number, number];
  const [, filters, rows, columns] = gradientShape as [number, number, number, number];
  const kernel = node.shape[2]!;
  const grouped = (name: string, count: number) =>
    emitter.emit('Reshape', [name, emitter.integers([batch, groups, count / groups, rows * columns])]);
  const padded =
    padding === 0
      ? images!
      : emitter.emit('Pad', [images!, emitter.integers([0, 0, ...both(padding), 0, 0, ...both(padding)])]);
  const gradients = grouped(gradient!, filters);
  const tap = (row: number, column: number) => {
    const starts = [row * dilation, column * dilation];
    const ends = [starts[0]! + stride * (rows - 1) + 1, starts[1]! + stride * (columns - 1) + 1];
    const bounds = [starts, ends, [2, 3], both(stride)].map((values) => emitter.integers(values));
    const met = grouped(emitter.emit('Slice', [padded, ...bounds]), channels);
    const product = emitter.emit('FusedMatMul', [gradients, met], {
      attributes: { transB: 1 },
      domain: 'com.microsoft',
    });
    const sum = emitter.emit('ReduceSum', [product, emitter.integers([0])], { attributes: { keepdims: 0 } });
    return emitter.emit('Reshape', [sum, emitter.integers([filters, channels / groups, 1])]);
  };
  const taps = Array.from({ length: kernel * kernel }, (_, i) => tap(Math.floor(i / kernel), i % kernel));
  const joined = emitter.emit('Concat', taps, { attributes: { axis: 2 } });
  emitter.emit('Reshape', [joined, emitter.integers(node.shape)], { output });
}
