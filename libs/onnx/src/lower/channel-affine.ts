import type { Lowering } from './lowering.js';

/** A BatchNormalization of mean 0 and variance 1: onnxruntime runs it in one pass, a broadcast product in more. */
export const channelAffine: Lowering<'channelAffine'> = (node, emitter, output) => {
  const [x, scale, shift] = node.inputs.map((input) => emitter.nameOf(input));
  const channels = emitter.shapeOf(node.inputs[1]!);
  const zeros = emitter.vector(channels[0]!, 0);
  emitter.emit('BatchNormalization', [x!, scale!, shift ?? zeros, zeros, emitter.vector(channels[0]!, 1)], {
    attributes: { epsilon: { float: 0 } },
    output,
  });
};
