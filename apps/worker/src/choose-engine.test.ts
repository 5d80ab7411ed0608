import { ENGINE_PROVIDERS } from '#contracts';
import { createExecutor, type Availability } from '#engine';
import { chooseEngine, chooseKnownEngine } from './choose-engine.js';

const available = { available: true } as const;
const ENGINES: Availability[] = [
  {
    ...{ executor: 'onnxruntime', provider: 'cuda', available: false },
    ...{ reason: 'libcudnn.so is missing', install: 'npm run provision -- cuda' },
  },
  { executor: 'onnxruntime', provider: 'webgpu', ...available, fallback: true },
  { executor: 'onnxruntime', provider: 'cpu', ...available },
  { executor: 'tfjs', provider: 'wasm', ...available },
  { executor: 'reference', provider: 'javascript', ...available },
];

test.each([
  [{}, { executor: 'onnxruntime', provider: 'cpu' }],
  [{ executor: 'tfjs' } as const, { executor: 'tfjs', provider: 'wasm' }],
  [{ executor: 'onnxruntime', provider: 'webgpu' } as const, { executor: 'onnxruntime', provider: 'webgpu' }],
])('%j gets the best that fits: %j', (choice, engine) =>
  expect(chooseEngine(choice, ENGINES)).toEqual(engine),
);

test('what the machine has not is refused with the reason and what to install', () => {
  expect(() => chooseEngine({ executor: 'onnxruntime', provider: 'cuda' }, ENGINES)).toThrow(
    'this worker has no engine for onnxruntime, provider cuda (onnxruntime cuda: libcudnn.so is missing; npm run provision -- cuda)',
  );
  expect(() => chooseEngine({ executor: 'tfjs', provider: 'tensorflow' }, ENGINES)).toThrow(
    'it is not part of this build',
  );
  const onlyReference = ENGINES.filter(({ executor }) => executor === 'reference');
  expect(() => chooseEngine({}, onlyReference)).toThrow('no engine for any executor');
});

test('the machine is asked again before a job is refused, and only then', async () => {
  const cuda = { executor: 'onnxruntime', provider: 'cuda' } as const;
  const asked: (number | undefined)[] = [];
  const known = (maxAgeMs?: number) => {
    asked.push(maxAgeMs);
    return Promise.resolve(maxAgeMs === undefined ? ENGINES : [{ ...cuda, ...available }]);
  };
  expect(await chooseKnownEngine({ executor: 'tfjs' }, known)).toMatchObject({ provider: 'wasm' });
  expect(asked).toEqual([undefined]);
  expect(await chooseKnownEngine(cuda, known)).toEqual(cuda);
  const refused = chooseKnownEngine(cuda, () => Promise.resolve(ENGINES));
  await expect(refused).rejects.toMatchObject({ code: 'engine_unavailable', retry: true });
});

test('the engines that a job may name are those of the engine lib', async () => {
  for (const [executor, providers] of Object.entries(ENGINE_PROVIDERS)) {
    const unknown = createExecutor(executor as keyof typeof ENGINE_PROVIDERS, { provider: 'none' });
    await expect(unknown).rejects.toThrow(`expected one of ${providers.join(', ')}`);
  }
});
