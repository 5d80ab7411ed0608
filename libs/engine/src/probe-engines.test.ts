import { TYPESCRIPT_NODE_OPTIONS, withOneTensorFlow } from '#testkit';
import { createExecutor, defaultEngine, ExecutorUnavailableError, probeEngines } from './index.js';
import type { Availability } from './availability.js';

process.env.NODE_OPTIONS = TYPESCRIPT_NODE_OPTIONS;

let engines: Availability[];
beforeAll(async () => {
  engines = await probeEngines();
});

test('lists every provider of every executor once', () => {
  const names = engines.map(({ executor, provider }) => `${executor} ${provider}`);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual(
    expect.arrayContaining([
      'onnxruntime cuda',
      'onnxruntime webgpu',
      'onnxruntime cpu',
      'tfjs wasm',
      'reference javascript',
    ]),
  );
});

test('says of each why it is not available and what it needs', () => {
  for (const { available, reason, install } of engines) {
    if (!available)
      expect({ reason, install }).toEqual({ reason: expect.any(String), install: expect.any(String) });
  }
});

test('an executor can be made where its provider is available, and only there', async () => {
  for (const { executor, provider, available, reason } of withOneTensorFlow(engines)) {
    const made = createExecutor(executor, { provider, threads: 1 });
    if (available) expect((await made).info).toMatchObject({ name: executor, provider });
    else
      await expect(made).rejects.toMatchObject({
        name: 'ExecutorUnavailableError',
        executor,
        provider,
        reason,
      });
  }
});

test('the error for an unavailable provider tells reason and remedy', () => {
  const error = new ExecutorUnavailableError({
    executor: 'tfjs',
    provider: 'tensorflow',
    reason: 'gone',
    install: 'npm i it',
  });
  expect(error.message).toBe('tfjs with provider "tensorflow" is unavailable: gone; needs: npm i it');
});

describe('the engine of a job that names none', () => {
  const engine = (executor: Availability['executor'], provider: string, more: Partial<Availability> = {}) => {
    return { executor, provider, available: true, ...more };
  };
  const cpu = engine('onnxruntime', 'cpu');
  const reference = engine('reference', 'javascript');

  test.each<[string, Availability[], string]>([
    ['CUDA before all others', [cpu, engine('onnxruntime', 'webgpu'), engine('onnxruntime', 'cuda')], 'cuda'],
    ['a graphics card through WebGPU before the CPU', [cpu, engine('onnxruntime', 'webgpu')], 'webgpu'],
    ['no WebGPU of the CPU', [engine('onnxruntime', 'webgpu', { fallback: true }), cpu], 'cpu'],
    ['nothing unavailable', [engine('onnxruntime', 'cuda', { available: false }), cpu], 'cpu'],
    [
      'TensorFlow.js where onnxruntime has nothing',
      [
        reference,
        engine('tfjs', 'cpu'),
        engine('tfjs', 'wasm'),
        engine('onnxruntime', 'cpu', { available: false }),
      ],
      'wasm',
    ],
  ])('is %s', (_, list, provider) => {
    expect(defaultEngine(list).provider).toBe(provider);
  });

  test('is never the reference', () => {
    expect(() => defaultEngine([reference])).toThrow(/none of the list/);
  });
});
