import { sizeOf, type Tensor } from '#graph';
import type { Lowering } from '../lower/lowering.js';
import { paddedImages, tapSlices } from '../lower/taps.js';

/** ONNX's number for float32. */
const FLOAT = 1;

/** Below every pixel; WGSL has no literal for -infinity. */
const LOWEST = -3.4e38;

/**
 * Tap by tap: where a window's first largest value stands, the gradient goes. A ConvTranspose, whose filters each put
 * one tap where it belongs, adds up what windows that overlap send to a pixel.
 */
export const maxPoolGradient: Lowering<'maxPoolGradient'> = (node, emitter, output) => {
  const { kernel, stride, padding } = node.attributes;
  const [gradient, images, results] = node.inputs.map((input) => emitter.nameOf(input));
  const [rows, columns] = emitter.shapeOf(node.inputs[0]!).slice(2) as [number, number];
  const planes = sizeOf(node.shape.slice(0, 2));
  const padded = paddedImages(images!, padding, LOWEST, emitter);
  const windows = { kernel, stride, dilation: 1, positions: [rows, columns] as const };
  let open = emitter.scalar(1);
  const shares = tapSlices(padded, [2, 3], windows, emitter).map((values) => {
    const equal = emitter.emit('Equal', [values, results!]);
    const first = emitter.emit('Mul', [emitter.emit('Cast', [equal], { attributes: { to: FLOAT } }), open]);
    open = emitter.emit('Sub', [open, first]);
    const share = emitter.emit('Mul', [first, gradient!]);
    return emitter.emit('Reshape', [share, emitter.integers([planes, 1, rows, columns])]);
  });
  const stacked = emitter.emit('Concat', shares, { attributes: { axis: 1 } });
  const unread = [rows, columns].map(
    (count, axis) => node.shape[2 + axis]! + 2 * padding - kernel - stride * (count - 1),
  );
  const spread = emitter.emit('ConvTranspose', [stacked, emitter.tensor(oneTapFilters(kernel))], {
    attributes: {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [padding, padding, padding, padding],
      output_padding: unread,
    },
  });
  emitter.emit('Reshape', [spread, emitter.integers(node.shape)], { output });
};

/** [taps, 1, kernel, kernel]: a filter for every tap, with a one in its place. */
function oneTapFilters(kernel: number): Tensor {
  const taps = kernel * kernel;
  const data = Float32Array.from({ length: taps * taps }, (_, i) => Number(i % (taps + 1) === 0));
  return { shape: [taps, 1, kernel, kernel], data };
}
