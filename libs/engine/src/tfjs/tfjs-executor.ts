import { unavailable } from '../availability.js';
import type { Executor } from '../executor.js';
import { settle } from '../settle.js';
import type { TfjsBackend } from './backends/backend.js';
import { openCpu } from './backends/cpu.js';
import { openTensorFlow } from './backends/tensorflow.js';
import { openWasm } from './backends/wasm.js';
import { channelsLast } from './channels-last/channels-last-graph.js';
import { probeTfjs } from './probe-tfjs.js';
import { TfjsProgram } from './tfjs-program.js';

export interface TfjsOptions {
  /** `tensorflow-gpu`, `tensorflow`, `wasm` or `cpu`. */
  readonly provider: string;
  /** CPU threads, which the first executor of a provider sets for the whole process; wasm has four at most, cpu one. */
  readonly threads: number;
}

const OPEN: Readonly<Record<string, (threads: number) => Promise<TfjsBackend>>> = {
  'tensorflow-gpu': (threads) => openTensorFlow('tensorflow-gpu', threads),
  tensorflow: (threads) => openTensorFlow('tensorflow', threads),
  wasm: openWasm,
  cpu: openCpu,
};

/**
 * Runs graphs through TensorFlow.js.
 * @throws ExecutorUnavailableError when this machine cannot offer the provider.
 * @throws ExecutorError when this process runs the provider with another number of threads already.
 */
export async function createTfjsExecutor({ provider, threads }: TfjsOptions): Promise<Executor> {
  const found = await probeTfjs(provider);
  const open = OPEN[provider];
  if (!found.available || !open) throw unavailable(found);
  const backend = await open(threads);
  return {
    info: { name: 'tfjs', provider, version: backend.version, threads: backend.threads },
    compile: (graph) => settle(() => new TfjsProgram(graph, channelsLast(graph), backend)),
  };
}
