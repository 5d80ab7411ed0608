import type { BinaryOp, UnaryOp } from '#graph';
import type { Emitter } from '../emitter.js';
import type { Lowering } from './lowering.js';

/** An op that ONNX has under another name. */
export function renamed<Op extends UnaryOp | BinaryOp>(type: string): Lowering<Op> {
  return (node, emitter, output) => {
    emitter.emit(
      type,
      node.inputs.map((input) => emitter.nameOf(input)),
      { output },
    );
  };
}

/** `TensorProto.DataType` of float32. */
const FLOAT = 1;

export const greaterThanZero: Lowering<'greaterThanZero'> = (node, emitter, output) => {
  step(emitter, emitter.nameOf(node.inputs[0]!), output);
};

/** A product with 0 or 1: onnxruntime runs it faster than Where, and comparing faster than taking the sign. */
export const reluGradient: Lowering<'reluGradient'> = (node, emitter, output) => {
  const [gradient, reluOutput] = node.inputs.map((input) => emitter.nameOf(input));
  emitter.emit('Mul', [gradient!, step(emitter, reluOutput!)], { output });
};

export const relu6: Lowering<'relu6'> = (node, emitter, output) => {
  emitter.emit('Clip', [emitter.nameOf(node.inputs[0]!), emitter.scalar(0), emitter.scalar(6)], { output });
};

/** The output is above zero as well as six minus the output: their product is above zero just there. */
export const relu6Gradient: Lowering<'relu6Gradient'> = (node, emitter, output) => {
  const [gradient, relu6Output] = node.inputs.map((input) => emitter.nameOf(input));
  const room = emitter.emit('Sub', [emitter.scalar(6), relu6Output!]);
  const product = emitter.emit('Mul', [relu6Output!, room]);
  emitter.emit('Mul', [gradient!, step(emitter, product)], { output });
};

/** 1 where the value is above zero, else 0. */
function step(emitter: Emitter, name: string, output?: string): string {
  const above = emitter.emit('Greater', [name, emitter.scalar(0)]);
  return emitter.emit('Cast', [above], { attributes: { to: FLOAT }, output });
}
