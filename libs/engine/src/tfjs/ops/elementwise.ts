import type { BinaryOp, UnaryOp } from '#graph';
import type { OpKernel } from './kernels.js';

export function unary(kernel: string, attributes?: object): OpKernel<UnaryOp> {
  return (kernels, _, [x]) => kernels.run(kernel, { x: x! }, attributes);
}

export function binary(kernel: string): OpKernel<BinaryOp> {
  return (kernels, _, [a, b]) => kernels.run(kernel, { a: a!, b: b! });
}

/** 1 where x is above zero, else 0. */
export const greaterThanZero = unary('Step', { alpha: 0 });

export const reluGradient: OpKernel<'reluGradient'> = (kernels, _, [gradient, output]) =>
  kernels.mul(kernels.run('Step', { x: output! }, { alpha: 0 }), gradient!);

export const relu6Gradient: OpKernel<'relu6Gradient'> = (kernels, _, [gradient, output]) => {
  const step = (x: typeof gradient) => kernels.run('Step', { x: x! }, { alpha: 0 });
  const below = step(kernels.sub(kernels.fill([], 6), output!));
  return kernels.mul(kernels.mul(step(output), below), gradient!);
};

export const logSoftmax: OpKernel<'logSoftmax'> = (kernels, { shape }, [x]) => {
  const axis = shape.length - 1;
  const largest = kernels.run('Max', { x: x! }, { reductionIndices: [axis], keepDims: true });
  const shifted = kernels.sub(x!, largest);
  const total = kernels.sum(kernels.run('Exp', { x: shifted }), [axis], true);
  return kernels.sub(shifted, kernels.run('Log', { x: total }));
};

/** Channels lie along the last axis of images, and along the second of anything else. */
export const channelAffine: OpKernel<'channelAffine'> = (kernels, { shape }, [x, scale, shift]) => {
  const channels = shape.length === 4 ? [-1] : [-1, ...Array<number>(shape.length - 2).fill(1)];
  const along = (values: typeof scale) => kernels.reshape(values!, channels);
  const scaled = kernels.mul(x!, along(scale));
  return shift ? kernels.add(scaled, along(shift)) : scaled;
};
