import type { Kernels, TfTensor } from './ops/kernels.js';

/** The name of the first tensor with a NaN or an infinity in it; undefined where all are numbers. */
export function findBroken(kernels: Kernels, tensors: ReadonlyMap<string, TfTensor>): string | undefined {
  const finite = (x: TfTensor) => Number.isFinite(x.dataSync()[0]);
  let broken: string | undefined;
  kernels.tf.tidy(() => {
    const sums = [...tensors].map(([name, x]) => {
      return [name, kernels.sum(kernels.reshape(x, [x.size]), [0])] as const;
    });
    // One read for all of them, as long as there is nothing to find.
    const total = sums.map(([, sum]) => sum).reduce((a, b) => kernels.add(a, b), kernels.fill([], 0));
    if (!finite(total)) broken = sums.find(([, sum]) => !finite(sum))?.[0];
  });
  return broken;
}
