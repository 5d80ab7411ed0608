import type * as tfjs from '@tensorflow/tfjs-core';
import type { NodeAttributes, NodeOp, Shape } from '#graph';

/** TensorFlow.js as one of its packages brings it: each keeps tensors and backends of its own. */
export type Tf = typeof tfjs;
export type TfTensor = tfjs.Tensor;
type KernelAttributes = NonNullable<Parameters<ReturnType<Tf['engine']>['runKernel']>[2]>;

/** What an op of a channels-last graph is to be computed with: all shapes and axes are those in memory. */
export interface Step<Op extends NodeOp = NodeOp> {
  readonly op: Op;
  readonly shape: Shape;
  readonly attributes: NodeAttributes[Op];
}

/** Computes one node. Tensors that it makes on the way are disposed of by its caller. */
export type OpKernel<Op extends NodeOp> = (
  kernels: Kernels,
  step: Step<Op>,
  inputs: readonly TfTensor[],
) => TfTensor;

/** An implementation of every op. */
export type OpTable = { readonly [Op in NodeOp]: OpKernel<Op> };

/** The kernels of the backend in use, without the checks and the gradient tape of the public functions. */
export class Kernels {
  readonly tf: Tf;

  constructor(tf: Tf) {
    this.tf = tf;
  }

  run(
    name: string,
    inputs: Readonly<Record<string, TfTensor>> | readonly TfTensor[],
    attributes?: object,
  ): TfTensor {
    return this.tf
      .engine()
      .runKernel(name, inputs as tfjs.NamedTensorMap, attributes as KernelAttributes | undefined);
  }

  reshape(x: TfTensor, shape: Shape): TfTensor {
    return this.run('Reshape', { x }, { shape });
  }

  transpose(x: TfTensor, perm: readonly number[]): TfTensor {
    return this.run('Transpose', { x }, { perm });
  }

  add(a: TfTensor, b: TfTensor): TfTensor {
    return this.run('Add', { a, b });
  }

  sub(a: TfTensor, b: TfTensor): TfTensor {
    return this.run('Sub', { a, b });
  }

  mul(a: TfTensor, b: TfTensor): TfTensor {
    return this.run('Multiply', { a, b });
  }

  fill(shape: Shape, value: number): TfTensor {
    return this.run('Fill', {}, { shape, value, dtype: 'float32' });
  }

  slice(x: TfTensor, begin: readonly number[], size: Shape): TfTensor {
    return this.run('Slice', { x }, { begin, size });
  }

  /** Every `stride`-th element along each axis, `size` of them. */
  stridedSlice(x: TfTensor, begin: readonly number[], size: Shape, strides: readonly number[]): TfTensor {
    if (strides.every((stride) => stride === 1)) return this.slice(x, begin, size);
    const end = begin.map((start, axis) => start + (size[axis]! - 1) * strides[axis]! + 1);
    const masks = { beginMask: 0, endMask: 0, ellipsisMask: 0, newAxisMask: 0, shrinkAxisMask: 0 };
    return this.run('StridedSlice', { x }, { begin, end, strides, ...masks });
  }

  pad(x: TfTensor, paddings: readonly (readonly [number, number])[], constantValue = 0): TfTensor {
    if (paddings.every(([before, after]) => before === 0 && after === 0)) return x;
    return this.run('PadV2', { x }, { paddings, constantValue });
  }

  concat(parts: readonly TfTensor[], axis: number): TfTensor {
    return parts.length === 1 ? parts[0]! : this.run('Concat', parts, { axis });
  }

  sum(x: TfTensor, axis: readonly number[], keepDims = false): TfTensor {
    return this.run('Sum', { x }, { axis, keepDims });
  }

  matMul(a: TfTensor, b: TfTensor, attributes = { transposeA: false, transposeB: false }): TfTensor {
    return this.run('BatchMatMul', { a, b }, attributes);
  }
}
