/**
 * The one list of ops that may stand in a graph, with their attributes. The reference executor and the ONNX writer
 * each keep a table over all of them, so that an op without an implementation does not compile. Everything larger
 * (BatchNorm, losses, the optimizer) is built from these.
 */

/** Ops that work element by element on one input. */
export type UnaryOp = 'neg' | 'exp' | 'log' | 'sqrt' | 'reciprocal' | 'relu' | 'relu6' | 'greaterThanZero';

/** Ops that work element by element on two inputs with NumPy broadcasting. */
export type BinaryOp = 'add' | 'sub' | 'mul' | 'div';

type NoAttributes = Readonly<Record<string, never>>;

export interface ReduceAttributes {
  /** Ascending, none negative. */
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

export interface ConvAttributes {
  readonly stride: number;
  /** Zeros on each side of both image axes. */
  readonly padding: number;
  /** Distance between neighbouring filter taps; 1 where the filter is dense. */
  readonly dilation: number;
  /** Channels are split into that many groups, each with filters of its own; as many as channels for depthwise. */
  readonly groups: number;
}

/** Square windows over both image axes. */
export interface PoolAttributes {
  readonly kernel: number;
  readonly stride: number;
  /** On each side of both image axes; less than the kernel, so that every window meets the image. */
  readonly padding: number;
}

interface OtherAttributes {
  /** Inputs: gradient of a relu's output, that output. Passes the gradient where the output is above zero. */
  reluGradient: NoAttributes;
  /** Inputs: gradient of a relu6's output, that output. Passes the gradient where the output is between 0 and 6. */
  relu6Gradient: NoAttributes;
  reduceSum: ReduceAttributes;
  reduceMean: ReduceAttributes;
  /** To the node's shape. */
  reshape: NoAttributes;
  /** To the node's shape, by NumPy broadcasting. */
  broadcastTo: NoAttributes;
  transpose: { readonly perm: readonly number[] };
  /** Block of the node's shape that begins at `starts`. */
  slice: { readonly starts: readonly number[] };
  /** Zeros before and after, per axis. */
  pad: { readonly before: readonly number[]; readonly after: readonly number[] };
  concat: { readonly axis: number };
  /** Of matrices. */
  matMul: { readonly transposeA: boolean; readonly transposeB: boolean };
  /** Inputs: images [N, C, H, W], filters [O, C / groups, k, k]. */
  conv2d: ConvAttributes;
  /** Inputs: gradient of a conv2d's output, its filters. The node's shape is the images' shape. */
  conv2dInputGradient: ConvAttributes;
  /** Inputs: a conv2d's images, gradient of its output. The node's shape is the filters' shape. */
  conv2dFilterGradient: ConvAttributes;
  /** Input: images [N, C, H, W]. Padding counts as less than every value. */
  maxPool: PoolAttributes;
  /**
   * Inputs: gradient of a maxPool's output, its images, its output. The node's shape is the images' shape. Each
   * window's gradient goes whole to the first of its largest values in row-major order.
   */
  maxPoolGradient: PoolAttributes;
  /** Input: images [N, C, H, W]. Padding does not count: a window is divided by its number of image values. */
  averagePool: PoolAttributes;
  /** Input: gradient of an averagePool's output. The node's shape is the images' shape. */
  averagePoolGradient: PoolAttributes;
  /** Inputs: x [N, C, ...], a factor [C] and, where one is added, a summand [C]. */
  channelAffine: NoAttributes;
  /** Over the last axis. */
  logSoftmax: NoAttributes;
}

export type NodeAttributes = Record<UnaryOp | BinaryOp, NoAttributes> & OtherAttributes;

export type NodeOp = keyof NodeAttributes;
