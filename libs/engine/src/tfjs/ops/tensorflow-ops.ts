import type { ConvAttributes, Shape } from '#graph';
import { conv2dFilterGradient as commonFilterGradient } from './conv-filter-gradient.js';
import { conv2dInputGradient as commonInputGradient } from './conv-input-gradient.js';
import { depthwiseFilters, isDepthwise } from './conv-parts.js';
import type { Kernels, OpKernel, OpTable, TfTensor } from './kernels.js';
import { COMMON_OPS } from './op-table.js';

interface OpAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** What is used of tfjs-node's backend: any op that TensorFlow has, by TensorFlow's name for it. */
export interface TensorFlowBinding {
  readonly binding: Readonly<
    Record<'TF_ATTR_INT' | 'TF_ATTR_STRING' | 'TF_ATTR_BOOL' | 'TF_ATTR_TYPE' | 'TF_FLOAT', number>
  >;
  executeSingleOutput(
    name: string,
    attributes: readonly OpAttribute[],
    inputs: readonly TfTensor[],
  ): TfTensor;
}

/** The common ops, but for gradients that TensorFlow has kernels for, which are several times as fast. */
export function tensorFlowOps(backend: TensorFlowBinding): OpTable {
  const { binding } = backend;
  const float: OpAttribute = { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
  const run = (name: string, inputs: readonly TfTensor[], attributes: readonly OpAttribute[] = []) =>
    backend.executeSingleOutput(name, [float, ...attributes], inputs);
  const convolution = (attributes: ConvAttributes, side: number) =>
    convolutionAttributes(binding, attributes, side);
  const sizes = ({ tf }: Kernels, shape: Shape) => tf.tensor1d([...shape], 'int32');

  const reluGradient: OpKernel<'reluGradient'> = (_, __, [gradient, output]) =>
    run('ReluGrad', [gradient!, output!]);

  const relu6Gradient: OpKernel<'relu6Gradient'> = (_, __, [gradient, output]) =>
    run('Relu6Grad', [gradient!, output!]);

  const conv2dInputGradient: OpKernel<'conv2dInputGradient'> = (kernels, step, inputs) => {
    const [gradient, filters] = inputs;
    const { shape, attributes } = step;
    const form = formOf(filters!.shape, attributes);
    if (!form) return commonInputGradient(kernels, step, inputs);
    const own = form === 'Conv2D' ? filters! : depthwiseFilters(kernels, filters!, shape[3]!);
    const options = convolution(attributes, filters!.shape[0]);
    return run(`${form}BackpropInput`, [sizes(kernels, shape), own, gradient!], options);
  };

  const conv2dFilterGradient: OpKernel<'conv2dFilterGradient'> = (kernels, step, inputs) => {
    const [x, gradient] = inputs;
    const { shape, attributes } = step;
    const form = formOf(shape, attributes);
    if (!form) return commonFilterGradient(kernels, step, inputs);
    const [k, , , outputs] = shape as [number, number, number, number];
    const channels = x!.shape[3]!;
    const own = form === 'Conv2D' ? shape : [k, k, channels, outputs / channels];
    const options = convolution(attributes, k);
    const result = run(`${form}BackpropFilter`, [x!, sizes(kernels, own), gradient!], options);
    return kernels.reshape(result, shape);
  };

  return { ...COMMON_OPS, reluGradient, relu6Gradient, conv2dInputGradient, conv2dFilterGradient };
}

/** TensorFlow's name of a convolution, undefined where it has no gradient on CPUs: dilated, or in larger groups. */
function formOf(filters: Shape, attributes: ConvAttributes): 'Conv2D' | 'DepthwiseConv2dNative' | undefined {
  if (attributes.dilation !== 1) return undefined;
  if (attributes.groups === 1) return 'Conv2D';
  return isDepthwise(filters, attributes) ? 'DepthwiseConv2dNative' : undefined;
}

function convolutionAttributes(
  binding: TensorFlowBinding['binding'],
  { stride, padding }: ConvAttributes,
  side: number,
): OpAttribute[] {
  const { TF_ATTR_INT, TF_ATTR_STRING } = binding;
  const name = paddingName(padding, stride, side);
  const around = [0, 0, padding, padding, padding, padding, 0, 0];
  return [
    { name: 'strides', type: TF_ATTR_INT, value: [1, stride, stride, 1] },
    { name: 'padding', type: TF_ATTR_STRING, value: name },
    { name: 'explicit_paddings', type: TF_ATTR_INT, value: name === 'EXPLICIT' ? around : [] },
    { name: 'data_format', type: TF_ATTR_STRING, value: 'NHWC' },
  ];
}

/** Paddings that TensorFlow has a name for get gradient kernels that are four times as fast. */
function paddingName(padding: number, stride: number, side: number): 'VALID' | 'SAME' | 'EXPLICIT' {
  if (padding === 0) return 'VALID';
  return stride === 1 && 2 * padding === side - 1 ? 'SAME' : 'EXPLICIT';
}
