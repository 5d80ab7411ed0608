import { createExecutor } from '#engine';
import { TYPESCRIPT_NODE_OPTIONS } from '#testkit';
import { expectSameLosses } from '../conformance/expect-same-losses.js';
import { trainLosses } from '../conformance/train-losses.js';
import { twoBlockNet } from '../conformance/training-cases.js';

process.env.NODE_OPTIONS = TYPESCRIPT_NODE_OPTIONS;

const webGpu = () => createExecutor('onnxruntime', { provider: 'webgpu' });

test('20 training steps on WebGPU have the losses of those on the CPU', async () => {
  const training = twoBlockNet();
  const expected = await trainLosses(await createExecutor('onnxruntime', { provider: 'cpu' }), training);
  expectSameLosses(await trainLosses(await webGpu(), training), expected);
});

test('a training that diverges on WebGPU shows it in the loss', async () => {
  const losses = await trainLosses(await webGpu(), { ...twoBlockNet(), learningRate: 1e30 });
  expect(losses.some((loss) => !Number.isFinite(loss))).toBe(true);
});
