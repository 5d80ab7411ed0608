import type { Lowering } from './lowering.js';

export const reshape: Lowering<'reshape'> = (node, emitter, output) => {
  emitter.emit('Reshape', [emitter.nameOf(node.inputs[0]!), emitter.integers(node.shape)], { output });
};

export const broadcastTo: Lowering<'broadcastTo'> = (node, emitter, output) => {
  emitter.emit('Expand', [emitter.nameOf(node.inputs[0]!), emitter.integers(node.shape)], { output });
};

export const transpose: Lowering<'transpose'> = (node, emitter, output) => {
  const { perm } = node.attributes;
  emitter.emit('Transpose', [emitter.nameOf(node.inputs[0]!)], { attributes: { perm }, output });
};

export const slice: Lowering<'slice'> = (node, emitter, output) => {
  const { starts } = node.attributes;
  const ends = starts.map((start, axis) => start + node.shape[axis]!);
  const bounds = [emitter.integers(starts), emitter.integers(ends)];
  emitter.emit('Slice', [emitter.nameOf(node.inputs[0]!), ...bounds], { output });
};

export const pad: Lowering<'pad'> = (node, emitter, output) => {
  const { before, after } = node.attributes;
  emitter.emit('Pad', [emitter.nameOf(node.inputs[0]!), emitter.integers([...before, ...after])], { output });
};

export const concat: Lowering<'concat'> = (node, emitter, output) => {
  const { axis } = node.attributes;
  emitter.emit(
    'Concat',
    node.inputs.map((input) => emitter.nameOf(input)),
    { attributes: { axis }, output },
  );
};
