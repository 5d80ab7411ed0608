import type { Lowerings } from '../lower/lowering.js';
import { conv2dFilterGradient } from './filter-gradient.js';
import { logSoftmax } from './log-softmax.js';
import { maxPoolGradient } from './max-pool-gradient.js';

/**
 * For onnxruntime's WebGPU provider (1.30), which has no FusedMatMul, LogSoftmax and ScatterElements and no indices of
 * MaxPool: what it lacks runs on the CPU, with two copies of its tensors each time, or not at all.
 */
export const WEBGPU_LOWERINGS: Lowerings = { conv2dFilterGradient, logSoftmax, maxPoolGradient };
