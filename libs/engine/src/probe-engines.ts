import type { Availability } from './availability.js';
import { probeOnnxRuntime } from './onnxruntime/probe-onnxruntime.js';
import { PROVIDERS } from './providers.js';
import { probeTfjs } from './tfjs/index.js';

const REFERENCE: Availability = {
  executor: 'reference',
  provider: 'javascript',
  available: true,
  version: process.versions.v8,
  threads: 1,
  detail: 'float64 loops',
};

/** Executors that a job may get by itself, in this order; so are their providers. */
const OF_JOBS = ['onnxruntime', 'tfjs'] as const;

/** Finds out which executors and providers work on this machine. */
export async function probeEngines(): Promise<Availability[]> {
  const found = await Promise.all([
    ...PROVIDERS.onnxruntime.map(probeOnnxRuntime),
    ...PROVIDERS.tfjs.map(probeTfjs),
  ]);
  return [...found, REFERENCE];
}

/**
 * The engine of a job that names none: the first that is available and no stand-in, in the order onnxruntime's cuda,
 * webgpu, cpu, then tfjs' tensorflow-gpu, tensorflow, wasm, cpu.
 * @throws RangeError when the list has none.
 */
export function defaultEngine(engines: readonly Availability[]): Availability {
  const usable = engines.filter(({ available, fallback }) => available && !fallback);
  for (const executor of OF_JOBS) {
    for (const provider of PROVIDERS[executor]) {
      const found = usable.find((engine) => engine.executor === executor && engine.provider === provider);
      if (found) return found;
    }
  }
  throw new RangeError('engines: none of the list is available to a job');
}
