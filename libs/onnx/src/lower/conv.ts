import { groupedConv2d, groupedInputGradient, isGrouped } from './grouped-conv.js';
import type { Lowering } from './lowering.js';

const both = (value: number) => [value, value];
const allSides = (value: number) => [value, value, value, value];

export const conv2d: Lowering<'conv2d'> = (node, emitter, output) => {
  if (isGrouped(node.attributes)) return groupedConv2d(node, emitter, output);
  const { stride, padding } = node.attributes;
  const kernel = emitter.shapeOf(node.inputs[1]!)[2]!;
  emitter.emit(
    'Conv',
    node.inputs.map((input) => emitter.nameOf(input)),
    {
      attributes: { kernel_shape: both(kernel), strides: both(stride), pads: allSides(padding) },
      output,
    },
  );
};

/**
 * At stride 1 a Conv with the filters turned by 180 degrees and their channel axes swapped, which onnxruntime runs
 * faster than the equal ConvTranspose; a ConvTranspose otherwise.
 */
export const conv2dInputGradient: Lowering<'conv2dInputGradient'> = (node, emitter, output) => {
  if (isGrouped(node.attributes)) return groupedInputGradient(node, emitter, output);
  const { stride, padding } = node.attributes;
  const [gradient, filters] = node.inputs.map((input) => emitter.nameOf(input));
  const kernel = emitter.shapeOf(node.inputs[1]!)[2]!;
  const fullPadding = kernel - 1 - padding;
  if (stride === 1 && fullPadding >= 0) {
    const swapped = emitter.emit('Transpose', [filters!], { attributes: { perm: [1, 0, 2, 3] } });
    const turned =
      kernel === 1
        ? swapped
        : emitter.emit('Slice', [swapped, ...turnBounds(kernel).map((v) => emitter.integers(v))]);
    emitter.emit('Conv', [gradient!, turned], {
      attributes: { kernel_shape: both(kernel), strides: both(1), pads: allSides(fullPadding) },
      output,
    });
    return;
  }
  const gradientSides = emitter.shapeOf(node.inputs[0]!).slice(2);
  // Rows and columns at the end of the image that no filter position reached.
  const unread = node.shape
    .slice(2)
    .map((side, axis) => side + 2 * padding - kernel - stride * (gradientSides[axis]! - 1));
  emitter.emit('ConvTranspose', [gradient!, filters!], {
    attributes: {
      kernel_shape: both(kernel),
      strides: both(stride),
      pads: allSides(padding),
      output_padding: unread,
    },
    output,
  });
};

/** Slice's starts, ends, axes and steps that reverse both image axes. */
function turnBounds(kernel: number): number[][] {
  return [both(-1), both(-kernel - 1), [2, 3], both(-1)];
}
