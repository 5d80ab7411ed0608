import type { ExecutorName } from './executor.js';

/** The providers of every executor, the one that a job would rather get first. */
export const PROVIDERS = {
  onnxruntime: ['cuda', 'webgpu', 'cpu'],
  tfjs: ['tensorflow-gpu', 'tensorflow', 'wasm', 'cpu'],
  reference: ['javascript'],
} as const satisfies Record<ExecutorName, readonly string[]>;

/** What an executor uses where its caller names no provider: one that needs no hardware and is always installed. */
const USUAL = { onnxruntime: 'cpu', tfjs: 'wasm', reference: 'javascript' } as const;

/**
 * The provider to use, checked by name alone.
 * @throws RangeError naming the provider and those that the executor has.
 */
export function providerOf(executor: ExecutorName, provider: string = USUAL[executor]): string {
  const known: readonly string[] = PROVIDERS[executor];
  if (known.includes(provider)) return provider;
  throw new RangeError(
    `provider: "${provider}" is unknown to ${executor}, expected one of ${known.join(', ')}`,
  );
}
