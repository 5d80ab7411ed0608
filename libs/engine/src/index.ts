export {
  ExecutorError,
  type Executor,
  type ExecutorInfo,
  type ExecutorOptions,
  type Program,
  type Tensors,
} from './executor.js';
export { createExecutor, type ExecutorName } from './create-executor.js';
export { evaluate, type Evaluation, type Tensor64 } from './reference/evaluate.js';
