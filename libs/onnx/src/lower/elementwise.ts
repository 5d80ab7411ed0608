import type { BinaryOp, UnaryOp } from '#graph';
import type { Lowering } from './lowering.js';
import { aboveZero, below } from './mask.js';

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
  const above = emitter.emit('Greater', [emitter.nameOf(node.inputs[0]!), emitter.scalar(0)]);
  emitter.emit('Cast', [above], { attributes: { to: FLOAT }, output });
};

/** A product with 0 or 1: onnxruntime runs it faster than Where. */
export const reluGradient: Lowering<'reluGradient'> = (node, emitter, output) => {
  const [gradient, reluOutput] = node.inputs.map((input) => emitter.nameOf(input));
  emitter.emit('Mul', [gradient!, aboveZero(emitter, reluOutput!)], { output });
};

export const relu6: Lowering<'relu6'> = (node, emitter, output) => {
  emitter.emit('Clip', [emitter.nameOf(node.inputs[0]!), emitter.scalar(0), emitter.scalar(6)], { output });
};

export const relu6Gradient: Lowering<'relu6Gradient'> = (node, emitter, output) => {
  const [gradient, relu6Output] = node.inputs.map((input) => emitter.nameOf(input));
  const fromBelow = emitter.emit('Mul', [gradient!, aboveZero(emitter, relu6Output!)]);
  emitter.emit('Mul', [fromBelow, below(emitter, relu6Output!, 6)], { output });
};
