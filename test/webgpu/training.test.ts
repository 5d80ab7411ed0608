import { createExecutor } from '#engine';
import { TYPESCRIPT_NODE_OPTIONS } from '#testkit';
import { trainTwoBlockNet } from './two-block-net.js';

process.env.NODE_OPTIONS = TYPESCRIPT_NODE_OPTIONS;

const STEPS = 20;

test('20 training steps on WebGPU have the losses of those on the CPU', async () => {
  const webGpu = await createExecutor('onnxruntime', { provider: 'webgpu' });
  const cpu = await createExecutor('onnxruntime', { provider: 'cpu' });
  const [actual, expected] = [await trainTwoBlockNet(webGpu, STEPS), await trainTwoBlockNet(cpu, STEPS)];
  expect(expected.at(-1)).toBeLessThan(expected[0]!);
  for (const [step, loss] of expected.entries()) {
    const difference = Math.abs(actual[step]! - loss) / loss;
    const limit = step < 5 ? 1e-4 : 1e-3;
    expect({ step, difference, limit, agrees: difference <= limit }).toMatchObject({ agrees: true });
  }
});
