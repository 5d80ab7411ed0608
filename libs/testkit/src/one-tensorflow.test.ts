import { withOneTensorFlow } from './one-tensorflow.js';

const engine = (executor: string, provider: string, available = true) => ({ executor, provider, available });
const [gpu, cpu, wasm] = ['tensorflow-gpu', 'tensorflow', 'wasm'].map((name) => engine('tfjs', name));
const absentGpu = engine('tfjs', 'tensorflow-gpu', false);

test('of two TensorFlows that are there the first is kept, with all other engines', () => {
  expect(withOneTensorFlow([gpu!, cpu!, wasm!])).toEqual([gpu, wasm]);
});

test('one that is not there keeps the other from nothing', () => {
  expect(withOneTensorFlow([absentGpu, cpu!, wasm!])).toEqual([absentGpu, cpu, wasm]);
});
