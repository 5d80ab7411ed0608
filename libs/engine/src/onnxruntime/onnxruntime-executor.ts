import * as ort from 'onnxruntime-node';
import type { Graph } from '#graph';
import { writeOnnx } from '#onnx';
import { ExecutorUnavailableError, type Executor, type Program } from '../executor.js';
import { OnnxRuntimeProgram } from './onnxruntime-program.js';

/** Runs graphs through onnxruntime-node. */
export function createOnnxRuntimeExecutor(options: { provider: string; threads: number }): Promise<Executor> {
  const { provider, threads } = options;
  if (provider !== 'cpu') {
    const reason = 'it is not part of this build';
    return Promise.reject(new ExecutorUnavailableError({ executor: 'onnxruntime', provider, reason }));
  }
  const compile = async (graph: Graph): Promise<Program> => {
    const session = await ort.InferenceSession.create(writeOnnx(graph), {
      executionProviders: [provider],
      intraOpNumThreads: threads,
      graphOptimizationLevel: 'all',
      // Errors alone: a warning per node that an optimization skips says nothing to a user.
      logSeverityLevel: 3,
    });
    return new OnnxRuntimeProgram(graph, session);
  };
  const version = ort.env.versions.node ?? ort.env.versions.common;
  return Promise.resolve({ info: { name: 'onnxruntime', provider, version, threads }, compile });
}
