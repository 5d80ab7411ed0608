import type { Availability } from '#engine';
import { describeWorker } from './describe-worker.js';

const config = {
  ...{ workerQueues: undefined, workerTeam: undefined },
  ...{ workerLabels: { zone: 'a' }, workerConcurrency: 2 },
};
const identity = { id: 'id', name: 'w1', startedAt: new Date(0), config };
const engine = (executor: Availability['executor'], provider: string, more: Partial<Availability> = {}) => ({
  ...{ executor, provider, available: true },
  ...more,
});
const CPU = engine('onnxruntime', 'cpu');

test('says what the machine has and the environment names', () => {
  const found = [CPU, engine('reference', 'javascript'), engine('tfjs', 'tensorflow', { available: false })];
  expect(describeWorker(identity, found)).toMatchObject({
    ...{ name: 'w1', host: expect.any(String), labels: { zone: 'a' }, concurrency: 2, device: 'cpu' },
    ...{ queues: ['train.cpu', 'light'], memoryBytes: expect.any(Number), cores: expect.any(Number) },
    engines: [{ executor: 'onnxruntime', provider: 'cpu', byNameOnly: false }],
  });
  const named = { ...config, workerQueues: ['light' as const], workerTeam: 'team' };
  const described = describeWorker({ ...identity, config: named }, [CPU]);
  expect(described).toMatchObject({ queues: ['light'], teamId: 'team' });
});

test.each<[string, Availability[], string, string[]]>([
  ['a graphics card', [engine('onnxruntime', 'cuda'), CPU], 'gpu', ['train.gpu', 'train.cpu', 'light']],
  [
    'a stand-in for one',
    [engine('onnxruntime', 'webgpu', { fallback: true }), CPU],
    'cpu',
    ['train.gpu', 'train.cpu', 'light'],
  ],
  [
    'a card without its driver',
    [engine('onnxruntime', 'cuda', { available: false }), CPU],
    'cpu',
    ['train.cpu', 'light'],
  ],
])('a machine with %s is for jobs that can use it', (_, found, device, queues) => {
  expect(describeWorker(identity, found)).toMatchObject({ device, queues });
});
