import { availableParallelism } from 'node:os';
import * as ort from 'onnxruntime-node';
import type { Graph } from '#graph';
import { writeOnnx } from '#onnx';
import type { Executor, ExecutorOptions, Program } from '../executor.js';
import { OnnxRuntimeProgram } from './onnxruntime-program.js';

/** Runs graphs through onnxruntime-node on the CPU. */
export function createOnnxRuntimeExecutor(options: ExecutorOptions): Promise<Executor> {
  const threads = options.threads ?? availableParallelism();
  const compile = async (graph: Graph): Promise<Program> => {
    const session = await ort.InferenceSession.create(writeOnnx(graph), {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      graphOptimizationLevel: 'all',
      // Errors alone: a warning per node that an optimization skips says nothing to a user.
      logSeverityLevel: 3,
    });
    return new OnnxRuntimeProgram(graph, session);
  };
  const version = ort.env.versions.node ?? ort.env.versions.common;
  return Promise.resolve({ info: { name: 'onnxruntime', provider: 'cpu', version, threads }, compile });
}
