import type { ConvAttributes, NodeOf, Shape } from '#graph';
import type { Emitter } from '../emitter.js';
import { both, unreadSides, windowAttributes } from './windows.js';

/** Several groups (depthwise among them) or dilated filters: what the lowerings for plain convolutions leave out. */
export function isGrouped({ groups, dilation }: ConvAttributes): boolean {
  return groups > 1 || dilation > 1;
}

export function groupedConv2d(node: NodeOf<'conv2d'>, emitter: Emitter, output: string): void {
  const kernel = emitter.shapeOf(node.inputs[1]!)[2]!;
  emitter.emit(
    'Conv',
    node.inputs.map((input) => emitter.nameOf(input)),
    { attributes: convAttributes({ ...node.attributes, kernel }), output },
  );
}

/** As for plain convolutions: a Conv with turned filters at stride 1, a ConvTranspose otherwise. */
export function groupedInputGradient(
  node: NodeOf<'conv2dInputGradient'>,
  emitter: Emitter,
  output: string,
): void {
  const [gradient, filters] = node.inputs.map((input) => emitter.nameOf(input));
  const [gradientShape, filterShape] = node.inputs.map((input) => emitter.shapeOf(input));
  const window = { ...node.attributes, kernel: filterShape![2]! };
  const { stride, dilation, groups, kernel } = window;
  const fullPadding = dilation * (kernel - 1) - window.padding;
  if (stride === 1 && fullPadding >= 0) {
    const turned = turnedFilters(filters!, filterShape!, groups, emitter);
    const attributes = convAttributes({ ...window, padding: fullPadding });
    emitter.emit('Conv', [gradient!, turned], { attributes, output });
    return;
  }
  emitter.emit('ConvTranspose', [gradient!, filters!], {
    attributes: {
      ...convAttributes(window),
      output_padding: unreadSides(node.shape, gradientShape!, window),
    },
    output,
  });
}

function convAttributes(window: ConvAttributes & { readonly kernel: number }) {
  return { ...windowAttributes(window), dilations: both(window.dilation), group: window.groups };
}

/** Filters [O, C / groups, k, k] as [C, O / groups, k, k], turned by 180 degrees. */
function turnedFilters(filters: string, shape: Shape, groups: number, emitter: Emitter): string {
  const [outChannels, groupChannels, kernel] = shape as [number, number, number];
  const groupFilters = outChannels / groups;
  const reshape = (name: string, sides: Shape) => emitter.emit('Reshape', [name, emitter.integers(sides)]);
  let swapped = filters;
  if (groupChannels > 1 || groupFilters > 1) {
    const split = reshape(filters, [groups, groupFilters, groupChannels, kernel, kernel]);
    const exchanged = emitter.emit('Transpose', [split], { attributes: { perm: [0, 2, 1, 3, 4] } });
    swapped = reshape(exchanged, [groups * groupChannels, groupFilters, kernel, kernel]);
  }
  if (kernel === 1) return swapped;
  const bounds = [both(-1), both(-kernel - 1), [2, 3], both(-1)];
  return emitter.emit('Slice', [swapped, ...bounds.map((values) => emitter.integers(values))]);
}
