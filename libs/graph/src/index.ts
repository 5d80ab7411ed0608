export type {
  Graph,
  GraphConstant,
  GraphNode,
  NamedValue,
  NodeOf,
  Shape,
  StateValue,
  Tensor,
} from './graph.js';
export type {
  BinaryOp,
  ConvAttributes,
  NodeAttributes,
  NodeOp,
  PoolAttributes,
  ReduceAttributes,
  UnaryOp,
} from './node-ops.js';
export { GraphError } from './graph-error.js';
export { GraphBuilder } from './builder.js';
export type { Value, VectorJacobianProduct } from './value.js';
export { gradients } from './gradients.js';
export { broadcastShapes, formatShape, sameShape, sizeOf } from './shape.js';
export { add, div, mul, sub } from './ops/arithmetic.js';
export { exp, greaterThanZero, log, neg, reciprocal, relu, relu6, sqrt } from './ops/elementwise.js';
export { reduceMean, reduceSum, type ReduceOptions } from './ops/reduce.js';
export { reshape } from './ops/reshape.js';
export { broadcastTo } from './ops/broadcast-to.js';
export { transpose } from './ops/transpose.js';
export { slice, sliceLeading } from './ops/slice.js';
export { pad } from './ops/pad.js';
export { concat } from './ops/concat.js';
export { matMul, type MatMulOptions } from './ops/mat-mul.js';
export { conv2d, type ConvOptions } from './ops/conv2d.js';
export { averagePool, maxPool, type PoolOptions } from './ops/pool.js';
export { globalAveragePool } from './ops/global-average-pool.js';
export { logSoftmax } from './ops/log-softmax.js';
export { stopGradient, straightThrough, withGradient } from './ops/custom-gradient.js';
export {
  BN_EPSILON,
  batchNormInference,
  batchNormTraining,
  type BatchNormParameters,
  type BatchNormStatistics,
} from './ops/batch-norm.js';
export { channelAffine } from './ops/channel-affine.js';
export { dense } from './ops/dense.js';
export {
  crossEntropy,
  distillation,
  type CrossEntropyOptions,
  type DistillationOptions,
} from './ops/losses.js';
export { sgdMomentum, type SgdMomentumOptions } from './ops/sgd-momentum.js';
export { adamW, countStep, type AdamWOptions } from './ops/adam-w.js';
export { clipByGlobalNorm } from './ops/clip-by-global-norm.js';
