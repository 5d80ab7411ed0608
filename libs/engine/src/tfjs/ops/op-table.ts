import { conv2d } from './conv.js';
import { conv2dFilterGradient } from './conv-filter-gradient.js';
import { conv2dInputGradient } from './conv-input-gradient.js';
import {
  binary,
  channelAffine,
  greaterThanZero,
  logSoftmax,
  relu6Gradient,
  reluGradient,
  unary,
} from './elementwise.js';
import type { OpTable } from './kernels.js';
import { broadcastTo, concat, matMul, pad, reshape, slice, transpose } from './layout.js';
import { averagePool, averagePoolGradient, maxPool, maxPoolGradient } from './pool.js';
import { reduction } from './reduce.js';

/** Every op of kernels that all backends have and compute right. */
export const COMMON_OPS: OpTable = {
  add: binary('Add'),
  sub: binary('Sub'),
  mul: binary('Multiply'),
  div: binary('RealDiv'),
  neg: unary('Neg'),
  exp: unary('Exp'),
  log: unary('Log'),
  sqrt: unary('Sqrt'),
  reciprocal: unary('Reciprocal'),
  relu: unary('Relu'),
  relu6: unary('Relu6'),
  greaterThanZero,
  reluGradient,
  relu6Gradient,
  reduceSum: reduction('Sum'),
  reduceMean: reduction('Mean'),
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
