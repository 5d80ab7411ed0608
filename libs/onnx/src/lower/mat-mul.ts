import type { Lowering } from './lowering.js';

/** Gemm transposes while it multiplies; MatMul stays plain so that runtimes can fuse a bias into it. */
export const matMul: Lowering<'matMul'> = (node, emitter, output) => {
  const { transposeA, transposeB } = node.attributes;
  const inputs = node.inputs.map((input) => emitter.nameOf(input));
  if (!transposeA && !transposeB) {
    emitter.emit('MatMul', inputs, { output });
  } else {
    const attributes = { transA: Number(transposeA), transB: Number(transposeB) };
    emitter.emit('Gemm', inputs, { attributes, output });
  }
};
