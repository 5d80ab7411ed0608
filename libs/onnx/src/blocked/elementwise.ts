import { sameShape, type BinaryOp, type NodeOf } from '#graph';
import type { BlockedEmitter } from './blocked-emitter.js';
import { scaleChannels } from './channel-affine.js';

const NAMES = { add: 'Add', sub: 'Sub', mul: 'Mul' } as const;

/** Sums, differences and products of images, with scalars and, for products, with one factor per channel. */
export function binary(node: NodeOf<Exclude<BinaryOp, 'div'>>, emitter: BlockedEmitter): boolean {
  const [a, b] = node.inputs as [number, number];
  if (!emitter.isBlocked(a) && !emitter.isBlocked(b)) return false;
  const isImage = (value: number) => sameShape(emitter.shapeOf(value), node.shape);
  if (!isImage(a) || !isImage(b)) return byChannel(node, emitter) || byScalar(node, emitter);
  if (node.op === 'add' && fusedSum(node.inputs, node.output, emitter)) return true;
  const names = [a, b].map((value) => emitter.blockedNameOf(value));
  const dirty = [a, b].map((value) => emitter.isDirty(value));
  // A product with zero is zero.
  const leaves = node.op === 'mul' ? dirty.every(Boolean) : dirty.some(Boolean);
  emitter.setBlocked(node.output, emitter.emit(NAMES[node.op], names), { dirty: leaves });
  return true;
}

/** One side is a channel-wise product that was put off, and the other side's memory is free to take the sum. */
function fusedSum(inputs: readonly number[], output: number, emitter: BlockedEmitter): boolean {
  const [a, b] = inputs as [number, number];
  const isFree = (value: number) => emitter.onlyReaderOf(value) !== undefined && emitter.isBlocked(value);
  const [product, summand] = emitter.isDeferred(a) && isFree(b) ? [a, b] : [b, a];
  if (!emitter.isDeferred(product) || !isFree(summand) || a === b) return false;
  const make = emitter.takeDeferred(product)!;
  const sum = emitter.cleanNameOf(summand);
  const reader = emitter.onlyReaderOf(output)?.op;
  if (reader === 'relu' || reader === 'relu6') emitter.defer(output, (fused) => make({ ...fused, sum }));
  else emitter.setBlocked(output, make({ sum }));
  return true;
}

/** A product with [1, C, 1, 1]. */
function byChannel({ op, inputs, shape, output }: NodeOf<BinaryOp>, emitter: BlockedEmitter): boolean {
  const perChannel = [1, shape[1]!, 1, 1];
  const factor = inputs.find((value) => sameShape(emitter.shapeOf(value), perChannel));
  const x = inputs.find((value) => sameShape(emitter.shapeOf(value), shape));
  if (op !== 'mul' || factor === undefined || x === undefined) return false;
  scaleChannels(emitter, output, { x, scale: emitter.reshape(emitter.nameOf(factor), [shape[1]!]) });
  return true;
}

/** A product with one number; a sum would make something of the channels that only fill a block up. */
function byScalar({ op, inputs, shape, output }: NodeOf<BinaryOp>, emitter: BlockedEmitter): boolean {
  const isScalar = (value: number) => emitter.shapeOf(value).length === 0;
  const isImage = (value: number) => sameShape(emitter.shapeOf(value), shape);
  if (op !== 'mul' || !inputs.some(isScalar) || !inputs.some(isImage)) return false;
  const names = inputs.map((value) =>
    isScalar(value) ? emitter.nameOf(value) : emitter.blockedNameOf(value),
  );
  const dirty = inputs.some((value) => emitter.isDirty(value));
  emitter.setBlocked(output, emitter.emit('Mul', names), { dirty });
  return true;
}

export function relu(node: NodeOf<'relu' | 'relu6'>, emitter: BlockedEmitter): boolean {
  const [x] = node.inputs as [number];
  if (!emitter.isBlocked(x)) return false;
  const activation = node.op === 'relu' ? 'Relu' : 'Relu6';
  const made = emitter.takeDeferred(x)?.({ activation });
  const cut = () => {
    const images = emitter.blockedNameOf(x);
    if (node.op === 'relu') return emitter.emit('Relu', [images]);
    return emitter.emit('Clip', [images, emitter.scalar(0), emitter.scalar(6)]);
  };
  emitter.setBlocked(node.output, made ?? cut(), { dirty: emitter.isDirty(x) });
  return true;
}

/** A product with 1 where the output is above zero (and, capped, below 6), else with 0. */
export function reluGradient(
  node: NodeOf<'reluGradient' | 'relu6Gradient'>,
  emitter: BlockedEmitter,
): boolean {
  const [gradient, output] = node.inputs as [number, number];
  if (!emitter.isBlocked(output)) return false;
  let inside = emitter.cleanNameOf(output);
  if (node.op === 'relu6Gradient') {
    inside = emitter.emit('Mul', [inside, emitter.emit('Sub', [emitter.scalar(6), inside])]);
  }
  // Clipped to 0..1 after a factor that lifts all but denormal numbers above 1: onnxruntime's fastest step function.
  const passes = emitter.emit('HardSigmoid', [inside], {
    attributes: { alpha: { float: 1e38 }, beta: { float: 0 } },
  });
  emitter.setBlocked(node.output, emitter.emit('Mul', [emitter.blockedNameOf(gradient), passes]));
  return true;
}
