import type { OpKernel } from './kernels.js';

/** A reduction by the backend's own kernel. */
export function reduction(kernel: 'Sum' | 'Mean'): OpKernel<'reduceSum' | 'reduceMean'> {
  return (kernels, { shape, attributes: { axes, keepDims } }, [x]) => {
    if (axes.length === 0) return kernels.reshape(x!, shape);
    return kernels.run(kernel, { x: x! }, { axis: axes, keepDims });
  };
}
