import { checkConformance, createExecutor } from '#engine';
import { TYPESCRIPT_NODE_OPTIONS } from '#testkit';

process.env.NODE_OPTIONS = TYPESCRIPT_NODE_OPTIONS;

const TIME_LIMIT_MS = 600_000;

test(
  'every op, layer and optimizer on WebGPU agrees with the float64 reference',
  async () => {
    const executor = await createExecutor('onnxruntime', { provider: 'webgpu' });
    const results = await checkConformance(executor);
    expect(results.length).toBeGreaterThan(0);
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
  },
  TIME_LIMIT_MS,
);
