import { sameShape, type NodeOf, type Shape } from '#graph';
import { NCHWC_DOMAIN, type BlockedEmitter } from './blocked-emitter.js';

/** Means and sums over the image, or over the image and the batch, by way of every image's mean. */
export function reduce(node: NodeOf<'reduceMean' | 'reduceSum'>, emitter: BlockedEmitter): boolean {
  const [x] = node.inputs as [number];
  const axes = node.attributes.axes.join();
  if (!emitter.isBlocked(x) || (axes !== '2,3' && axes !== '0,2,3')) return false;
  const [batch, channels, height, width] = emitter.shapeOf(x) as [number, number, number, number];
  const { fold, depth } = emitter.layoutOf(x);
  let name = emitter.emit('GlobalAveragePool', [emitter.blockedNameOf(x)], { domain: NCHWC_DOMAIN });
  let shape: Shape = [batch, depth, 1, 1];
  if (fold > 1) name = emitter.reshape(name, shape);
  if (axes === '0,2,3') {
    name = emitter.emit('ReduceMean', [name], { attributes: { axes: [0], keepdims: 1 } });
    shape = [1, depth, 1, 1];
  }
  name = emitter.cutTo(name, shape, [shape[0]!, channels, 1, 1]);
  if (node.op === 'reduceSum') {
    const count = height * width * (axes === '0,2,3' ? batch : 1);
    name = emitter.emit('Mul', [name, emitter.scalar(count)]);
  }
  emitter.emit('Reshape', [name, emitter.integers(node.shape)], { output: emitter.nameOf(node.output) });
  return true;
}

/** One number per image and channel, spread over the image. */
export function broadcastTo(node: NodeOf<'broadcastTo'>, emitter: BlockedEmitter): boolean {
  const { block } = emitter;
  const [x] = node.inputs as [number];
  const [batch, channels, height, width] = node.shape as [number, number, number, number];
  const fits = node.shape.length === 4 && channels % block === 0 && height * width > 1;
  if (!fits || !sameShape(emitter.shapeOf(x), [batch, channels, 1, 1])) return false;
  const vectors = emitter.reshape(emitter.nameOf(x), [batch, channels / block, 1, block]);
  const spread = emitter.emit('Expand', [
    vectors,
    emitter.integers([batch, channels / block, height * width, block]),
  ]);
  emitter.setBlocked(node.output, emitter.reshape(spread, node.shape));
  return true;
}

export function pool(node: NodeOf<'maxPool' | 'averagePool'>, emitter: BlockedEmitter): boolean {
  const [x] = node.inputs as [number];
  if (!emitter.isBlocked(x)) return false;
  const { kernel, stride, padding } = node.attributes;
  const name = emitter.emit(node.op === 'maxPool' ? 'MaxPool' : 'AveragePool', [emitter.blockedNameOf(x)], {
    domain: NCHWC_DOMAIN,
    attributes: {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads: [padding, padding, padding, padding],
    },
  });
  emitter.setBlocked(node.output, name, { dirty: emitter.isDirty(x) });
  return true;
}
