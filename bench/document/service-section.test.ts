import type { BenchFile } from '../benchmark.js';
import { GOALS } from '../goals.js';
import { spreadOf } from '../service/quantile.js';
import { FULL_SCALE } from '../service/scale.js';
import { renewDocument } from './benchmarks-document.js';

const timesMs = spreadOf([10, 20, 30]);
const file: BenchFile = {
  bench: 'service',
  command: 'npm run bench -- service --json /home/me/FILE',
  machine: { cpuModel: 'a CPU', cores: 2, memoryBytes: 2 ** 34, loadAverage: [0.5, 0, 0] },
  versions: { node: '1', redis: '7' },
  settings: { ...FULL_SCALE },
  rows: [
    {
      name: 'submit_p99_ms_redis',
      value: 30,
      unit: 'ms',
      goal: GOALS.submit_p99_ms_redis,
      detail: { timesMs },
    },
    {
      ...{ name: 'list_page_ms', value: 60, unit: 'ms', goal: GOALS.list_page_ms },
      detail: { pages: [{ query: 'limit=50&cursor=abc', medianMs: 60, timesMs, items: 50 }] },
    },
  ],
};

test('the section about the service has its figures with what is wanted, times and pages', () => {
  const text = renewDocument('', file);
  expect(text).toContain('| `submit_p99_ms_redis` | 30 ms | ≤ 150 | ≤ 150 | yes |');
  expect(text).toContain('| `list_page_ms` | 60 ms | ≤ 50 | ≤ 50 | no |');
  expect(text).toContain('| `submit_p99_ms_redis` | 3 | 20.0 | 30.0 | 30.0 | 30.0 |');
  expect(text).toContain('| `limit=50&cursor=…` | 50 | 60.0 | 30.0 |');
  expect(text).toContain('50 keep-alive connections for 20 s');
  expect(text).not.toContain('/home/me');
});
