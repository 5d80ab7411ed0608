import type { GraphNode, NodeOf, NodeOp } from '#graph';
import { channelAffine } from './channel-affine.js';
import { conv2d, conv2dFilterGradient, conv2dInputGradient } from './conv.js';
import { binary, unary } from './elementwise.js';
import type { Kernel } from './kernel.js';
import { broadcastTo, concat, pad, reshape, slice, transpose } from './layout.js';
import { matMul } from './mat-mul.js';
import { averagePool, averagePoolGradient, maxPool, maxPoolGradient } from './pool.js';
import { logSoftmax, reduceMean, reduceSum } from './reduce.js';
import type { Tensor64 } from './tensor64.js';

/** Every op that a graph may hold. */
const KERNELS: { readonly [Op in NodeOp]: Kernel<Op> } = {
  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: binary((a, b) => a * b),
  div: binary((a, b) => a / b),
  neg: unary((x) => -x),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  reciprocal: unary((x) => 1 / x),
  relu: unary((x) => Math.max(x, 0)),
  relu6: unary((x) => Math.min(Math.max(x, 0), 6)),
  greaterThanZero: unary((x) => (x > 0 ? 1 : 0)),
  reluGradient: binary((gradient, output) => (output > 0 ? gradient : 0)),
  relu6Gradient: binary((gradient, output) => (output > 0 && output < 6 ? gradient : 0)),
  reduceSum,
  reduceMean,
  reshape,
  broadcastTo,
  transpose,
  slice,
  pad,
  concat,
  matMul,
  conv2d,
  conv2dInputGradient,
  conv2dFilterGradient,
  maxPool,
  maxPoolGradient,
  averagePool,
  averagePoolGradient,
  channelAffine,
  logSoftmax,
};

/** Computes one node into its output. */
export function compute(node: GraphNode, inputs: readonly Tensor64[], output: Tensor64): void {
  computeAs(node.op, node, inputs, output);
}

/** Ties a node to the kernel of its own op, which the compiler cannot see in a union. */
function computeAs<Op extends NodeOp>(
  op: Op,
  node: GraphNode,
  inputs: readonly Tensor64[],
  output: Tensor64,
): void {
  KERNELS[op](node as NodeOf<Op>, inputs, output);
}
