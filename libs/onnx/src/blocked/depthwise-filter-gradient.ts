import type { NodeOf } from '#graph';
import { NCHWC_DOMAIN, type BlockedEmitter } from './blocked-emitter.js';
import { sidesOf } from './blocked-layout.js';
import { shifted } from './shift.js';
import { isWorthBlocking } from './worth-blocking.js';

/** Per tap the product of the output's gradient with the images that the tap meets, summed over images and pixels. */
export function depthwiseFilterGradient(
  node: NodeOf<'conv2dFilterGradient'>,
  emitter: BlockedEmitter,
): boolean {
  const [x, gradient] = node.inputs as [number, number];
  const sides = sidesOf(emitter.shapeOf(x), emitter.shapeOf(gradient), emitter.block);
  if (!isWorthBlocking(node.attributes, node.shape, sides)) return false;
  const { stride, dilation, padding } = node.attributes;
  const [channels, , kernel] = node.shape as [number, number, number, number];
  const [, , height, width] = emitter.shapeOf(x) as [number, number, number, number];
  const [batch, , rows, columns] = emitter.shapeOf(gradient) as [number, number, number, number];
  const reach = dilation * (kernel - 1) + 1;
  const missing = (size: number, outputs: number) =>
    Math.max(0, (outputs - 1) * stride + reach - size - padding);
  const taps = Array.from({ length: kernel * kernel }, (_, tap) => {
    const met = shifted(emitter, emitter.blockedNameOf(x), {
      channels: sides.fold * sides.ins,
      window: [kernel, kernel],
      tap,
      stride,
      dilation,
      pads: [padding, padding, missing(height, rows), missing(width, columns)],
    });
    const products = emitter.emit('Mul', [met, emitter.blockedNameOf(gradient)]);
    const means = emitter.emit('GlobalAveragePool', [products], { domain: NCHWC_DOMAIN });
    const perImage = emitter.reshape(means, [batch, sides.ins]);
    return emitter.emit('ReduceMean', [perImage], { attributes: { axes: [0], keepdims: 1 } });
  });
  const joined = emitter.emit('Concat', taps, { attributes: { axis: 0 } });
  const sums = emitter.emit('Mul', [joined, emitter.scalar(batch * rows * columns)]);
  const turned = emitter.transpose(sums, [1, 0]);
  const cut = emitter.cutTo(turned, [sides.ins, kernel * kernel], [channels, kernel * kernel]);
  emitter.emit('Reshape', [cut, emitter.integers(node.shape)], { output: emitter.nameOf(node.output) });
  return true;
}
