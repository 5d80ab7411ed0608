import { sizeOf, type NodeOf, type PoolAttributes, type Shape } from '#graph';
import type { Emitter } from '../emitter.js';
import type { Lowering } from './lowering.js';
import { aboveZero } from './mask.js';
import { paddedImages, tapSlices } from './taps.js';
import { unreadSides, windowAttributes } from './windows.js';

export const maxPool: Lowering<'maxPool'> = (node, emitter, output) => {
  emitter.emit('MaxPool', [emitter.nameOf(node.inputs[0]!)], {
    attributes: windowAttributes(node.attributes),
    output,
  });
};

/** A pooling's gradient with the images and results it belongs to. */
interface Operands extends PoolAttributes {
  readonly gradient: string;
  readonly images: string;
  readonly imageShape: Shape;
  readonly results: string;
  readonly resultShape: Shape;
}

/**
 * Every tap (one place of the window, over all windows) takes the gradient where it equals the window's result and no
 * tap before it did: on a CPU a fifth faster than a ScatterElements to MaxPool's own indices.
 */
export const maxPoolGradient: Lowering<'maxPoolGradient'> = (node, emitter, output) => {
  const { kernel, stride, padding } = node.attributes;
  const operands = operandsOf(node, emitter);
  if (stride === kernel && padding === 0) disjointWindows(operands, emitter, output);
  else overlappingWindows(operands, emitter, output);
};

/** The same without SpaceToDepth. */
export const slicedMaxPoolGradient: Lowering<'maxPoolGradient'> = (node, emitter, output) =>
  overlappingWindows(operandsOf(node, emitter), emitter, output);

function operandsOf(node: NodeOf<'maxPoolGradient'>, emitter: Emitter): Operands {
  const [gradient, images, results] = node.inputs.map((input) => emitter.nameOf(input));
  return {
    ...node.attributes,
    gradient: gradient!,
    images: images!,
    imageShape: node.shape,
    results: results!,
    resultShape: emitter.shapeOf(node.inputs[0]!),
  };
}

/** Windows side by side are blocks, which SpaceToDepth turns into channels, one run of them per tap. */
function disjointWindows(operands: Operands, emitter: Emitter, output: string): void {
  const { kernel, imageShape, resultShape } = operands;
  const [, channels, rows, columns] = resultShape as [number, number, number, number];
  const unread = unreadSides(imageShape, resultShape, operands);
  const isWhole = unread.every((side) => side === 0);
  const read = isWhole
    ? operands.images
    : slice(emitter, operands.images, [0, 0], [rows * kernel, columns * kernel], [2, 3]);
  const blocks = emitter.emit('SpaceToDepth', [read], { attributes: { blocksize: kernel } });
  const taps = Array.from({ length: kernel * kernel }, (_, tap) =>
    slice(emitter, blocks, [tap * channels], [(tap + 1) * channels], [1]),
  );
  const shares = sharesOfTaps(taps, operands, emitter);
  const joined = emitter.emit('Concat', shares, { attributes: { axis: 1 } });
  const spread = { attributes: { blocksize: kernel }, output: isWhole ? output : undefined };
  const images = emitter.emit('DepthToSpace', [joined], spread);
  if (!isWhole) emitter.emit('Pad', [images, emitter.integers([0, 0, 0, 0, 0, 0, ...unread])], { output });
}

/** The lowest float32: what padding counts as, and no infinity that a product with zero would turn into NaN. */
const LOWEST = -3.4028234663852886e38;

/** Taps are strided slices; a ConvTranspose with one filter per tap, 1 at its place, adds the shares up again. */
function overlappingWindows(operands: Operands, emitter: Emitter, output: string): void {
  const { kernel, stride, padding, images, imageShape, resultShape } = operands;
  const [rows, columns] = resultShape.slice(2) as [number, number];
  const windows = { kernel, stride, dilation: 1, positions: [rows, columns] as const };
  const taps = tapSlices(paddedImages(images, padding, LOWEST, emitter), [2, 3], windows, emitter);
  const perImage = emitter.integers([sizeOf(imageShape.slice(0, 2)), 1, rows, columns]);
  const shares = sharesOfTaps(taps, operands, emitter).map((share) =>
    emitter.emit('Reshape', [share, perImage]),
  );
  const joined = emitter.emit('Concat', shares, { attributes: { axis: 1 } });
  const sums = emitter.emit('ConvTranspose', [joined, oneHotFilters(emitter, kernel)], {
    attributes: {
      ...windowAttributes(operands),
      output_padding: unreadSides(imageShape, resultShape, operands),
    },
  });
  emitter.emit('Reshape', [sums, emitter.integers(imageShape)], { output });
}

/** The part of the gradient that goes to each tap; the last one takes what is left. */
function sharesOfTaps(taps: readonly string[], { gradient, results }: Operands, emitter: Emitter): string[] {
  let left = gradient;
  const shares = taps.slice(0, -1).map((tap) => {
    const isBelow = aboveZero(emitter, emitter.emit('Sub', [results, tap]));
    const passedOn = emitter.emit('Mul', [left, isBelow]);
    const share = emitter.emit('Sub', [left, passedOn]);
    left = passedOn;
    return share;
  });
  return [...shares, left];
}

function oneHotFilters(emitter: Emitter, kernel: number): string {
  const taps = kernel * kernel;
  const data = new Float32Array(taps * taps);
  for (let tap = 0; tap < taps; tap++) data[tap * taps + tap] = 1;
  return emitter.tensor({ shape: [taps, 1, kernel, kernel], data });
}

function slice(emitter: Emitter, name: string, ...bounds: (readonly number[])[]): string {
  return emitter.emit('Slice', [name, ...bounds.map((values) => emitter.integers(values))]);
}
