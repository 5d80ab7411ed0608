import type { InferenceSession } from 'onnxruntime-node';
import type { Graph } from '#graph';
import { nextStateName } from '#onnx';

export interface OnnxRuntimeOptions {
  readonly provider: string;
  /** CPU threads of one session; they do what the provider leaves to the CPU. */
  readonly threads: number;
}

/** In its own layout (NHWC) ONNX Runtime 1.30 computes some grouped ConvTransposes wrongly. */
const WEBGPU = { name: 'webgpu', preferredLayout: 'NCHW' } as const;

/**
 * How long a thread that waits for work spins before it sleeps. A step of ResNet-20 on two quiet cores takes 102 ms like
 * this and with onnxruntime's own, longer spinning, 117 without any. Beside another busy process it takes 0.4 s, 1.0 s
 * with the longer spinning: threads then spin away the time of those that they wait for.
 */
const SPINNING = { session: { intra_op: { spin_duration_us: '50' } } };

/** Options of every session: nodes run one after the other, so a thread count gives the same sums each time. */
export function sessionOptions({ provider, threads }: OnnxRuntimeOptions): InferenceSession.SessionOptions {
  return {
    executionProviders: [provider === 'webgpu' ? WEBGPU : provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    extra: SPINNING,
    graphOptimizationLevel: 'all',
    // A pattern is one block for all values of a run, allocated at the second one beside what the first one took: it
    // nearly doubles the memory of a training step (joint step of ResNet-20: 1041 MB, 644 without) and saves no time.
    enableMemPattern: false,
    // Errors alone: a warning per node that an optimization skips says nothing to a user.
    logSeverityLevel: 3,
  };
}

/** Where a provider can keep the next state without a copy to the CPU's memory; the outputs always go there. */
export function stateLocations(
  graph: Graph,
  { provider }: OnnxRuntimeOptions,
): InferenceSession.SessionOptions {
  if (provider !== 'webgpu') return {};
  const assigned = graph.states.filter((state) => state.next !== state.value);
  const locations = assigned.map(({ name }) => [nextStateName(name), 'gpu-buffer'] as const);
  return { preferredOutputLocation: Object.fromEntries(locations) };
}
