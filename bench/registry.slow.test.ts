import { TYPESCRIPT_NODE_OPTIONS } from '#testkit';
import { registry } from './registry.bench.js';

// Processes of the benchmark are this one's children; they run the sources, as this does.
process.env.NODE_OPTIONS = TYPESCRIPT_NODE_OPTIONS;

test('a quick run of the benchmark of the device runtime measures both networks', async () => {
  const { rows } = await registry.run(() => {}, { rounds: 1, quick: true, peerPythons: [] });
  expect(rows.map(({ name }) => name)).toEqual([
    ...['switch_p99_ms_resnet20', 'steady_latency_over_plain_onnx_resnet20'],
    ...['switch_p99_ms_mobilenetv2', 'steady_latency_over_plain_onnx_mobilenetv2'],
    'runtime_memory_over_four_models',
  ]);
  for (const { name, value } of rows) expect([name, value > 0]).toEqual([name, true]);
}, 300_000);
