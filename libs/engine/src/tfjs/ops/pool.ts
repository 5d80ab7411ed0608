import type { PoolAttributes, Shape } from '#graph';
import { allAround, cropped, sidesOf } from './conv-parts.js';
import { depthwiseInputGradient, spreadOut } from './conv-input-gradient.js';
import type { Kernels, OpKernel, TfTensor } from './kernels.js';

/** Stands for what lies outside of an image where the largest value is looked for. */
const LESS_THAN_ALL = -3.4e38;

export const maxPool: OpKernel<'maxPool'> = (kernels, { attributes }, [x]) =>
  kernels.run('MaxPool', { x: padded(kernels, x!, attributes, LESS_THAN_ALL) }, windows(attributes));

/**
 * Tap by tap, since wasm's own kernel is wrong for several channels: where the tap's value is the window's largest and
 * no tap before it was, it gets the window's gradient.
 */
export const maxPoolGradient: OpKernel<'maxPoolGradient'> = (kernels, { shape, attributes }, inputs) => {
  const [gradient, x, largest] = inputs as [TfTensor, TfTensor, TfTensor];
  const { kernel, stride } = attributes;
  const images = padded(kernels, x, attributes, LESS_THAN_ALL);
  let open = kernels.fill(largest.shape, 1);
  const taps = Array.from({ length: kernel * kernel }, (_, tap) => {
    const begin = [0, Math.floor(tap / kernel), tap % kernel, 0];
    const values = kernels.stridedSlice(images, begin, largest.shape, [1, stride, stride, 1]);
    const equal = kernels.run(
      'Cast',
      { x: kernels.run('Equal', { a: values, b: largest }) },
      { dtype: 'float32' },
    );
    const hit = kernels.mul(equal, open);
    open = kernels.sub(open, hit);
    return kernels.mul(hit, gradient);
  });
  return scattered(kernels, taps, shape, attributes);
};

export const averagePool: OpKernel<'averagePool'> = (kernels, step, [x]) => {
  const images = padded(kernels, x!, step.attributes, 0);
  const mean = kernels.run('AvgPool', { x: images }, windows(step.attributes));
  const share = shareOfWindow(kernels, sidesOf(x!), step.shape, step.attributes);
  return share ? kernels.mul(mean, share) : mean;
};

/** Every window spreads its gradient evenly: a depthwise convolution backwards. */
export const averagePoolGradient: OpKernel<'averagePoolGradient'> = (kernels, step, [gradient]) => {
  const { shape, attributes } = step;
  const { kernel, stride, padding } = attributes;
  const share = shareOfWindow(kernels, shape, gradient!.shape, attributes);
  const weighted = share ? kernels.mul(gradient!, share) : gradient!;
  const groups = shape[3]!;
  const filters = kernels.fill([kernel, kernel, 1, groups], 1 / kernel ** 2);
  const convolution = { stride, padding, dilation: 1, groups };
  return depthwiseInputGradient(kernels, weighted, filters, { shape, attributes: convolution });
};

function windows({ kernel, stride }: PoolAttributes): object {
  return { filterSize: [kernel, kernel], strides: [stride, stride], pad: 'valid', dimRoundingMode: 'floor' };
}

function padded(kernels: Kernels, x: TfTensor, { padding }: PoolAttributes, value: number): TfTensor {
  return kernels.pad(x, [[0, 0], ...allAround(padding), [0, 0]], value);
}

/** Kernel elements over image elements of every window, [1, H', W', 1]; undefined where no window meets padding. */
function shareOfWindow(
  kernels: Kernels,
  images: Shape,
  results: Shape,
  { kernel, stride, padding }: PoolAttributes,
): TfTensor | undefined {
  if (padding === 0) return undefined;
  const inside = (axis: number) =>
    Array.from({ length: results[axis]! }, (_, i) => {
      const start = i * stride - padding;
      return Math.min(start + kernel, images[axis]!) - Math.max(start, 0);
    });
  const columns = inside(2);
  const values = inside(1).flatMap((rows) => columns.map((column) => kernel ** 2 / (rows * column)));
  return kernels.tf.tensor4d(values, [1, results[1]!, results[2]!, 1]);
}

/** Adds up taps, each at its place in the windows, and gives images of the shape, which the windows begin on `padding` early. */
function scattered(
  kernels: Kernels,
  taps: readonly TfTensor[],
  shape: Shape,
  { kernel, stride, padding }: PoolAttributes,
): TfTensor {
  const placed = taps.map((tap, i) => {
    const [row, column] = [Math.floor(i / kernel), i % kernel];
    const around = [
      [0, 0],
      [row, kernel - 1 - row],
      [column, kernel - 1 - column],
      [0, 0],
    ] as const;
    return kernels.pad(spreadOut(kernels, tap, stride), around);
  });
  const whole = placed.reduce((sum, tap) => kernels.add(sum, tap));
  return cropped(kernels, whole, [0, padding, padding, 0], shape);
}
