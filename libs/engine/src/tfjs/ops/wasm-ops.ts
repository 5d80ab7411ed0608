import type { ReduceAttributes } from '#graph';
import { channelAffine as commonChannelAffine } from './elementwise.js';
import type { Kernels, OpKernel, OpTable, TfTensor } from './kernels.js';
import { COMMON_OPS } from './op-table.js';
import { reduction } from './reduce.js';
import type { SimdFilterGradient } from '../simd/simd-filter-gradient.js';

/**
 * Sums and means over pixels by average pooling with one window: 20 times as fast as wasm's Sum and Mean, which
 * transpose first and then add up one by one.
 */
const reduceMean: OpKernel<'reduceMean'> = (kernels, step, [x]) =>
  reducesPixels(x!, step.attributes)
    ? kernels.reshape(meanOfPixels(kernels, x!, step.attributes), step.shape)
    : reduction('Mean')(kernels, step, [x!]);

const reduceSum: OpKernel<'reduceSum'> = (kernels, step, [x]) => {
  if (!reducesPixels(x!, step.attributes)) return reduction('Sum')(kernels, step, [x!]);
  const mean = meanOfPixels(kernels, x!, step.attributes);
  const count = x!.size / mean.size;
  return kernels.reshape(kernels.mul(mean, kernels.fill([], count)), step.shape);
};

/** Whether all of height and width of [batch, height, width, channels] go, and no channels. */
function reducesPixels({ shape }: TfTensor, { axes }: ReduceAttributes): boolean {
  const names = axes.join();
  return shape.length === 4 && (names === '1,2' || names === '0,1,2');
}

/** Image by image first, which keeps the rounding of long sums small. */
function meanOfPixels(kernels: Kernels, x: TfTensor, { axes }: ReduceAttributes): TfTensor {
  const [batch, , , channels] = x.shape as [number, number, number, number];
  const each = meanOfWindow(kernels, x);
  if (axes.length === 2) return each;
  return meanOfWindow(kernels, kernels.reshape(each, [1, batch, 1, channels]));
}

function meanOfWindow(kernels: Kernels, x: TfTensor): TfTensor {
  const filterSize = x.shape.slice(1, 3) as [number, number];
  // XNNPACK refuses windows of one pixel.
  if (filterSize.every((side) => side === 1)) return x;
  return kernels.run('AvgPool', { x }, { filterSize, strides: [1, 1], pad: 'valid' });
}

/** A depthwise convolution by one tap with a bias: a third of the time of a product and a sum that broadcast. */
const channelAffine: OpKernel<'channelAffine'> = (kernels, step, inputs) => {
  const [x, scale, shift] = inputs;
  if (step.shape.length !== 4) return commonChannelAffine(kernels, step, inputs);
  const filter = kernels.reshape(scale!, [1, 1, step.shape[3]!, 1]);
  const options = { strides: [1, 1], dilations: [1, 1], pad: 'valid', dataFormat: 'NHWC' };
  if (!shift) return kernels.run('DepthwiseConv2dNative', { x: x!, filter }, options);
  return kernels.run(
    'FusedDepthwiseConv2D',
    { x: x!, filter, bias: shift },
    { ...options, activation: 'linear' },
  );
};

/** Transposes first: wasm multiplies fast only what lies as it is read. */
const matMul: OpKernel<'matMul'> = (kernels, { attributes: { transposeA, transposeB } }, [a, b]) => {
  const turned = (x: TfTensor, turn: boolean) => (turn ? kernels.transpose(x, [1, 0]) : x);
  return kernels.matMul(turned(a!, transposeA), turned(b!, transposeB));
};

/** The common ops, but for what wasm has a faster way to. */
export function wasmOps(filterGradient: SimdFilterGradient): OpTable {
  const conv2dFilterGradient: OpKernel<'conv2dFilterGradient'> = (kernels, step, inputs) => {
    const [x, gradient] = inputs as [TfTensor, TfTensor];
    const { shape, attributes } = step;
    if (attributes.groups !== 1 || !filterGradient.fits(x.shape[3]!, gradient.shape[3]!)) {
      return COMMON_OPS.conv2dFilterGradient(kernels, step, inputs);
    }
    return filterGradient.compute(kernels, x, gradient, { side: shape[0]!, attributes });
  };
  return { ...COMMON_OPS, reduceMean, reduceSum, channelAffine, matMul, conv2dFilterGradient };
}
