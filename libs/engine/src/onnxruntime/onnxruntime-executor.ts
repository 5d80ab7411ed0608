import * as ort from 'onnxruntime-node';
import type { Graph } from '#graph';
import { writeOnnx } from '#onnx';
import { unavailable } from '../availability.js';
import type { Executor, Program } from '../executor.js';
import { channelBlock } from './channel-block.js';
import { OnnxRuntimeProgram } from './onnxruntime-program.js';
import { probeOnnxRuntime } from './probe-onnxruntime.js';
import { sessionOptions, stateLocations, type OnnxRuntimeOptions } from './session-options.js';
import { StateCopies } from './state-copies.js';
import { onnxRuntimeVersion } from './version.js';

/**
 * Runs graphs through onnxruntime-node.
 * @throws ExecutorUnavailableError when this machine cannot offer the provider.
 */
export async function createOnnxRuntimeExecutor(options: OnnxRuntimeOptions): Promise<Executor> {
  const found = await probeOnnxRuntime(options.provider);
  if (!found.available) throw unavailable(found);
  const webGpu = options.provider === 'webgpu';
  const session = sessionOptions(options);
  const block = options.provider === 'cpu' ? await channelBlock() : undefined;
  const target = webGpu ? { runtime: 'onnxruntime-webgpu' as const } : { block };
  const compile = async (graph: Graph): Promise<Program> => {
    const locations = stateLocations(graph, options);
    const model = writeOnnx(graph, target);
    const made = await ort.InferenceSession.create(model, { ...session, ...locations });
    return new OnnxRuntimeProgram(graph, made, webGpu ? new StateCopies(graph.states, session) : undefined);
  };
  return { info: { name: 'onnxruntime', version: onnxRuntimeVersion(), ...options }, compile };
}
