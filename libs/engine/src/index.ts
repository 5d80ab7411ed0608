export {
  ExecutorError,
  ExecutorUnavailableError,
  NotFiniteError,
  type Executor,
  type ExecutorInfo,
  type ExecutorName,
  type ExecutorOptions,
  type Program,
  type Tensors,
} from './executor.js';
export type { Availability } from './availability.js';
export { CONFORMANCE_TOLERANCE, checkConformance, type ConformanceResult } from './conformance/index.js';
export { createExecutor } from './create-executor.js';
export { defaultEngine, probeEngines } from './probe-engines.js';
export { evaluate, type Evaluation, type Tensor64 } from './reference/evaluate.js';
