import type { Worker } from 'node:worker_threads';
import { ExecutorError } from '../../executor.js';
import { wasmOps } from '../ops/wasm-ops.js';
import { SimdFilterGradient, type WasmBackend } from '../simd/simd-filter-gradient.js';
import type { TfjsBackend } from './backend.js';
import { OpenedOnce } from './opened-once.js';
import { keepingListeners } from './process-listeners.js';
import { withThreads } from './wasm-threads.js';

/** The build's own limit. */
export const MOST_THREADS = 4;

const opened = new OpenedOnce('wasm');

/**
 * TensorFlow.js' WebAssembly backend with SIMD and threads, four at most. A process has one of them, with the threads
 * that it was first opened with.
 * @throws ExecutorError when it was opened with another number of threads.
 */
export function openWasm(threads: number): Promise<TfjsBackend> {
  const used = Math.min(threads, MOST_THREADS);
  return opened.open(`threads: ${used}`, () => start(used));
}

async function start(threads: number): Promise<TfjsBackend> {
  const tf = await import('@tensorflow/tfjs-core');
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  tf.enableProdMode();
  const set = async () => {
    if (!(await tf.setBackend('wasm'))) throw new ExecutorError('tfjs: the wasm backend does not start');
  };
  wasm.setThreadsCount(threads);
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', true);
  await keepingListeners(() => withThreads(threads, set));
  letProcessEnd(tf.backend());
  const actual = wasm.getThreadsCount();
  const filterGradient = await SimdFilterGradient.start(tf.backend() as unknown as WasmBackend, actual);
  return {
    tf,
    name: 'wasm',
    ops: wasmOps(filterGradient),
    version: tf.version_core,
    threads: actual,
    losesNaN: true,
  };
}

/** Emscripten keeps the process alive for every worker that has ever run. */
function letProcessEnd(backend: unknown): void {
  const { wasm } = backend as { wasm: { PThread?: { runningWorkers: readonly Worker[] } } };
  for (const worker of wasm.PThread?.runningWorkers ?? []) worker.unref();
}
