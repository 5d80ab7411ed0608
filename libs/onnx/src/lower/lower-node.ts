import type { GraphNode, NodeOf, NodeOp } from '#graph';
import type { Emitter } from '../emitter.js';
import { averagePool, averagePoolGradient } from './average-pool.js';
import { channelAffine } from './channel-affine.js';
import { conv2dFilterGradient } from './conv-filter-gradient.js';
import { conv2d, conv2dInputGradient } from './conv.js';
import { greaterThanZero, relu6, relu6Gradient, reluGradient, renamed } from './elementwise.js';
import { broadcastTo, concat, pad, reshape, slice, transpose } from './layout.js';
import type { Lowering, Lowerings } from './lowering.js';
import { matMul } from './mat-mul.js';
import { maxPool, maxPoolGradient } from './max-pool.js';
import { logSoftmax, reduceMean, reduceSum } from './reduce.js';

/** Every op that a graph may hold. */
const LOWERINGS: { readonly [Op in NodeOp]: Lowering<Op> } = {
  add: renamed('Add'),
  sub: renamed('Sub'),
  mul: renamed('Mul'),
  div: renamed('Div'),
  neg: renamed('Neg'),
  exp: renamed('Exp'),
  log: renamed('Log'),
  sqrt: renamed('Sqrt'),
  reciprocal: renamed('Reciprocal'),
  relu: renamed('Relu'),
  relu6,
  greaterThanZero,
  reluGradient,
  relu6Gradient,
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

/** Writes one graph node as ONNX nodes; `instead` has lowerings for ops that a runtime needs otherwise. */
export function lowerNode(node: GraphNode, emitter: Emitter, output: string, instead: Lowerings = {}): void {
  lower(node.op, node, emitter, output, instead);
}

/** Ties a node to the lowering of its own op, which the compiler cannot see in a union. */
function lower<Op extends NodeOp>(
  op: Op,
  node: GraphNode,
  emitter: Emitter,
  output: string,
  instead: Lowerings,
): void {
  const lowering: Lowering<Op> = instead[op] ?? LOWERINGS[op];
  lowering(node as NodeOf<Op>, emitter, output);
}
