import type { Lowerings } from '../lower/lowering.js';
import { slicedMaxPoolGradient } from '../lower/max-pool.js';
import { conv2dFilterGradient } from './filter-gradient.js';
import { logSoftmax } from './log-softmax.js';

/**
 * For onnxruntime's WebGPU provider (1.30), which has no FusedMatMul, LogSoftmax and SpaceToDepth: what it lacks runs on
 * the CPU, with two copies of its tensors each time.
 */
export const WEBGPU_LOWERINGS: Lowerings = {
  conv2dFilterGradient,
  logSoftmax,
  maxPoolGradient: slicedMaxPoolGradient,
};
