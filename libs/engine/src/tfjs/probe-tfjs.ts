import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import type { Availability } from '../availability.js';
import { describeTensorFlow } from './backends/describe-tensorflow.js';
import { TENSORFLOW_PACKAGES, findTensorFlow, type TensorFlowProvider } from './backends/find-tensorflow.js';
import { MOST_THREADS } from './backends/wasm.js';
import { WebAssembly } from './web-assembly.js';

type Finding = Omit<Availability, 'executor' | 'provider'>;

/** A module that is valid where WebAssembly has SIMD: it counts the bits of sixteen bytes. */
const SIMD_MODULE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98,
  11,
];

const PROBES: Readonly<Record<string, () => Promise<Finding>>> = {
  'tensorflow-gpu': () => probeTensorFlow('tensorflow-gpu'),
  tensorflow: () => probeTensorFlow('tensorflow'),
  wasm: () => Promise.resolve(probeWasm()),
  cpu: () =>
    Promise.resolve({ available: true, version: coreVersion(), threads: 1, detail: 'plain JavaScript' }),
};

/** Finds out whether a provider of tfjs works on this machine: TensorFlow's own by loading them in a child process. */
export async function probeTfjs(provider: string): Promise<Availability> {
  const probe = PROBES[provider];
  const finding = probe ? await probe() : { available: false, reason: 'there is none of this name' };
  return { executor: 'tfjs', provider, ...finding };
}

function probeWasm(): Finding {
  const version = coreVersion();
  if (WebAssembly.validate(Uint8Array.from(SIMD_MODULE))) {
    return {
      available: true,
      version,
      threads: Math.min(MOST_THREADS, availableParallelism()),
      detail: 'SIMD',
    };
  }
  return { available: false, version, reason: 'WebAssembly has no SIMD here', install: 'SSE 4.1 or better' };
}

async function probeTensorFlow(provider: TensorFlowProvider): Promise<Finding> {
  const wanted = TENSORFLOW_PACKAGES[provider];
  const install = `npm run provision -- ${wanted.provision}`;
  const folder = findTensorFlow(wanted);
  if (!folder) return { available: false, reason: `${wanted.name} is not installed`, install };
  try {
    const { version, library, gpu } = await describeTensorFlow(folder);
    const detail = `TensorFlow ${library} on ${gpu ? 'a GPU' : 'the CPU'}`;
    const threads = availableParallelism();
    if (gpu || provider === 'tensorflow') return { available: true, version, threads, detail };
    const reason = 'TensorFlow finds no GPU';
    return { available: false, version, detail, reason, install: GPU_NEEDS, lacksCard: true };
  } catch (error) {
    return { available: false, reason: `${wanted.name} does not load: ${(error as Error).message}`, install };
  }
}

const GPU_NEEDS = 'an NVIDIA card and its driver';

function coreVersion(): string {
  const require = createRequire(import.meta.url);
  return (require('@tensorflow/tfjs-core/package.json') as { version: string }).version;
}
