import type { Lowering } from '../lower/lowering.js';

/** x - max - log(sum(exp(x - max))): the logarithm of Softmax's result would be that of zero for unlikely classes. */
export const logSoftmax: Lowering<'logSoftmax'> = (node, emitter, output) => {
  const x = emitter.nameOf(node.inputs[0]!);
  const highest = emitter.emit('ReduceMax', [x], { attributes: { axes: [-1], keepdims: 1 } });
  const shifted = emitter.emit('Sub', [x, highest]);
  const powers = emitter.emit('Exp', [shifted]);
  const sum = emitter.emit('ReduceSum', [powers, emitter.integers([-1])], { attributes: { keepdims: 1 } });
  emitter.emit('Sub', [shifted, emitter.emit('Log', [sum])], { output });
};
