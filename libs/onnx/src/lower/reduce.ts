import type { Lowering } from './lowering.js';

/** Opset 17 still takes ReduceMean's axes as an attribute, ReduceSum's as an input. */
export const reduceMean: Lowering<'reduceMean'> = (node, emitter, output) => {
  const { axes, keepDims } = node.attributes;
  emitter.emit('ReduceMean', [emitter.nameOf(node.inputs[0]!)], {
    attributes: { axes, keepdims: Number(keepDims) },
    output,
  });
};

export const reduceSum: Lowering<'reduceSum'> = (node, emitter, output) => {
  const { axes, keepDims } = node.attributes;
  emitter.emit('ReduceSum', [emitter.nameOf(node.inputs[0]!), emitter.integers(axes)], {
    attributes: { keepdims: Number(keepDims) },
    output,
  });
};

export const logSoftmax: Lowering<'logSoftmax'> = (node, emitter, output) => {
  emitter.emit('LogSoftmax', [emitter.nameOf(node.inputs[0]!)], { attributes: { axis: -1 }, output });
};
