import type { OpKernel } from './kernels.js';

export const reshape: OpKernel<'reshape'> = (kernels, { shape }, [x]) => kernels.reshape(x!, shape);

export const transpose: OpKernel<'transpose'> = (kernels, { attributes }, [x]) =>
  kernels.transpose(x!, attributes.perm);

/** Added to zeros: the backends broadcast fast while they add, and tile slowly. */
export const broadcastTo: OpKernel<'broadcastTo'> = (kernels, { shape }, [x]) =>
  kernels.add(kernels.fill(shape, 0), x!);

export const slice: OpKernel<'slice'> = (kernels, { shape, attributes }, [x]) =>
  kernels.slice(x!, attributes.starts, shape);

export const pad: OpKernel<'pad'> = (kernels, { attributes: { before, after } }, [x]) =>
  kernels.pad(
    x!,
    before.map((start, axis) => [start, after[axis]!]),
  );

export const concat: OpKernel<'concat'> = (kernels, { attributes }, inputs) =>
  kernels.concat(inputs, attributes.axis);

export const matMul: OpKernel<'matMul'> = (kernels, { attributes }, [a, b]) =>
  kernels.matMul(a!, b!, attributes);
