import { TYPESCRIPT_NODE_OPTIONS } from '#testkit';
import type { BenchFile } from './benchmark.js';
import { renewDocument } from './document/benchmarks-document.js';
import { registry } from './registry.bench.js';

// Processes of the benchmark are this one's children; they run the sources, as this does.
process.env.NODE_OPTIONS = TYPESCRIPT_NODE_OPTIONS;

const MACHINE = { cpuModel: 'a CPU', cores: 2, memoryBytes: 2 ** 34, loadAverage: [0] };

test('a quick run of the benchmark of the registry sends bundles to and fro, and switches between subnets', async () => {
  const { rows, settings } = await registry.run(() => {}, { rounds: 1, quick: true, peerPythons: [] });
  expect(rows.map(({ name }) => name)).toEqual([
    ...['publish_share_of_copy', 'fetch_share_of_copy'],
    ...['publish_share_of_hashed_copy', 'fetch_share_of_hashed_copy'],
    ...['first_byte_p50_ms', 'parallel_fetch_failures'],
    ...['switch_p99_ms_resnet20', 'steady_latency_over_plain_onnx_resnet20'],
    ...['switch_p99_ms_mobilenetv2', 'steady_latency_over_plain_onnx_mobilenetv2'],
    'runtime_memory_over_four_models',
  ]);
  const fleet = rows.find(({ name }) => name === 'parallel_fetch_failures')!;
  expect(fleet).toMatchObject({ value: 0, detail: { failures: [], resumed: 3, devices: 8 } });
  for (const { name, value } of rows.filter((row) => row !== fleet))
    expect([name, value > 0]).toEqual([name, true]);
  const file: BenchFile = { bench: 'registry', command: '', machine: MACHINE, versions: {}, settings, rows };
  expect(renewDocument('', file)).toContain('| `parallel_fetch_failures` | 0 devices | ≤ 0 | ≤ 0 | yes |');
}, 300_000);
