import { availableParallelism } from 'node:os';
import type { Executor, ExecutorName, ExecutorOptions } from './executor.js';
import { createOnnxRuntimeExecutor } from './onnxruntime/onnxruntime-executor.js';
import { providerOf } from './providers.js';
import { createReferenceExecutor } from './reference/reference-executor.js';
import { createTfjsExecutor } from './tfjs/index.js';

/**
 * Makes an executor by name.
 * @throws RangeError when `threads` is no positive integer or the executor has no such provider.
 * @throws ExecutorUnavailableError when this machine cannot offer the provider.
 */
export async function createExecutor(name: ExecutorName, options: ExecutorOptions = {}): Promise<Executor> {
  const { threads = availableParallelism() } = options;
  if (!Number.isInteger(threads) || threads < 1) {
    throw new RangeError(`threads: ${threads} is no positive integer`);
  }
  const provider = providerOf(name, options.provider);
  switch (name) {
    case 'onnxruntime':
      return createOnnxRuntimeExecutor({ provider, threads });
    case 'tfjs':
      return createTfjsExecutor({ provider, threads });
    case 'reference':
      return createReferenceExecutor();
  }
}
