import type { Executor, ExecutorOptions } from './executor.js';
import { createOnnxRuntimeExecutor } from './onnxruntime/onnxruntime-executor.js';
import { createReferenceExecutor } from './reference/reference-executor.js';

export type ExecutorName = 'onnxruntime' | 'reference';

/**
 * Makes an executor by name.
 * @throws RangeError when `threads` is no positive integer.
 */
export function createExecutor(name: ExecutorName, options: ExecutorOptions = {}): Promise<Executor> {
  const { threads } = options;
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1)) {
    return Promise.reject(new RangeError(`threads: ${threads} is no positive integer`));
  }
  switch (name) {
    case 'onnxruntime':
      return createOnnxRuntimeExecutor(options);
    case 'reference':
      return Promise.resolve(createReferenceExecutor());
  }
}
