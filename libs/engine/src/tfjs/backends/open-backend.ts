import type { TfjsBackend } from './backend.js';
import { openCpu } from './cpu.js';
import { openTensorFlow } from './tensorflow.js';
import { openWasm } from './wasm.js';

export const TFJS_PROVIDERS = ['tensorflow-gpu', 'tensorflow', 'wasm', 'cpu'] as const;
export type TfjsProvider = (typeof TFJS_PROVIDERS)[number];

/** Sets a provider's backend up in this process, or gives the one that is. */
export function openBackend(provider: TfjsProvider, threads: number): Promise<TfjsBackend> {
  switch (provider) {
    case 'tensorflow-gpu':
    case 'tensorflow':
      return openTensorFlow(provider, threads);
    case 'wasm':
      return openWasm(threads);
    case 'cpu':
      return openCpu();
  }
}
