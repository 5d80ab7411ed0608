import { readFile } from 'node:fs/promises';
import { Registry } from 'prom-client';
import { HttpMetrics } from './http-metrics.js';
import { registerServiceMetrics, type ServiceSources } from './service-metrics.js';
import { WorkerMetrics } from './worker-metrics.js';

const KINDS = { jobStates: ['queued', 'failed'], jobStages: ['train', 'publish'] };

function serviceRegistry(changes: Partial<ServiceSources> = {}, maxAgeMs = 0) {
  const registry = new Registry();
  const errors: string[] = [];
  const sources: ServiceSources = {
    jobs: () => Promise.resolve([{ state: 'queued', stage: 'train', count: 3 }]),
    jobDurations: () => Promise.resolve([]),
    stageDurations: () => Promise.resolve([]),
    outbox: () => Promise.resolve({ pending: 0, oldestAt: undefined }),
    queues: () => Promise.resolve([{ queue: 'light', waiting: 2, active: 1, delayed: 0, failed: 4 }]),
    workers: () => Promise.resolve([{ worker: 'w1', state: 'idle' }]),
    onError: (metric) => errors.push(metric),
    ...changes,
  };
  registerServiceMetrics(registry, sources, { maxAgeMs, ...KINDS });
  return { registry, errors };
}

/** Lines of samples of the metrics whose names begin so. */
async function samples(registry: Registry, prefix: string): Promise<string[]> {
  const lines = (await registry.metrics()).split('\n');
  return lines.filter((line) => line.startsWith(prefix));
}

test('tells jobs by state and stage, also those of which there are none', async () => {
  const { registry } = serviceRegistry();
  expect((await samples(registry, 'isochron_jobs')).sort()).toEqual([
    'isochron_jobs{state="failed",stage="publish"} 0',
    'isochron_jobs{state="failed",stage="train"} 0',
    'isochron_jobs{state="queued",stage="publish"} 0',
    'isochron_jobs{state="queued",stage="train"} 3',
  ]);
});

test('tells the messages of every queue, and the state of every worker', async () => {
  const { registry } = serviceRegistry();
  expect(await samples(registry, 'isochron_queue_messages')).toEqual([
    'isochron_queue_messages{queue="light",state="waiting"} 2',
    'isochron_queue_messages{queue="light",state="active"} 1',
    'isochron_queue_messages{queue="light",state="delayed"} 0',
    'isochron_queue_messages{queue="light",state="failed"} 4',
  ]);
  expect(await samples(registry, 'isochron_worker_state')).toEqual([
    'isochron_worker_state{worker="w1",state="idle"} 1',
  ]);
});

test('a worker that changes its state, or is gone, leaves nothing behind', async () => {
  let workers = [{ worker: 'w1', state: 'idle' }];
  const { registry } = serviceRegistry({ workers: () => Promise.resolve(workers) });
  await registry.metrics();
  workers = [{ worker: 'w2', state: 'busy' }];
  expect(await samples(registry, 'isochron_worker_state')).toEqual([
    'isochron_worker_state{worker="w2",state="busy"} 1',
  ]);
});

test('tells how old the oldest message in the outbox is', async () => {
  const oldestAt = new Date(Date.now() - 90_000);
  const { registry } = serviceRegistry({ outbox: () => Promise.resolve({ pending: 7, oldestAt }) });
  const [pending, oldest] = await samples(registry, 'isochron_outbox');
  expect(pending).toBe('isochron_outbox_messages 7');
  expect(Number(oldest!.split(' ')[1])).toBeCloseTo(90, 0);
});

test('durations are a histogram, summed up from bound to bound', async () => {
  const jobDurations = (bounds: readonly number[]) => {
    const counts = Array<number>(bounds.length + 1).fill(0);
    counts[bounds.indexOf(60)] = 2;
    counts[bounds.length] = 1;
    return Promise.resolve([{ labels: { state: 'succeeded' }, counts, sumSeconds: 1_000_100 }]);
  };
  const { registry } = serviceRegistry({ jobDurations });
  const text = await registry.metrics();
  expect(text).toContain('# TYPE isochron_job_duration_seconds histogram');
  const found = await samples(registry, 'isochron_job_duration_seconds');
  expect(found).toEqual(
    expect.arrayContaining([
      'isochron_job_duration_seconds_bucket{le="30",state="succeeded"} 0',
      'isochron_job_duration_seconds_bucket{le="60",state="succeeded"} 2',
      'isochron_job_duration_seconds_bucket{le="259200",state="succeeded"} 2',
      'isochron_job_duration_seconds_bucket{le="+Inf",state="succeeded"} 3',
      'isochron_job_duration_seconds_sum{state="succeeded"} 1000100',
      'isochron_job_duration_seconds_count{state="succeeded"} 3',
    ]),
  );
});

test('a source that fails takes nothing but its own metric along, and is counted', async () => {
  const { registry, errors } = serviceRegistry({ jobs: () => Promise.reject(new Error('away')) });
  expect(await samples(registry, 'isochron_jobs')).toEqual([]);
  expect(await samples(registry, 'isochron_queue_messages')).toHaveLength(4);
  expect(errors).toContain('isochron_jobs');
  const failures = await samples(registry, 'isochron_metrics_source_errors_total{metric="isochron_jobs"}');
  expect(Number(failures[0]!.split(' ')[1])).toBeGreaterThan(0);
});

test('scraping often asks the sources seldom', async () => {
  let asked = 0;
  const jobs = () => Promise.resolve([{ state: 'queued', stage: 'train', count: ++asked }]);
  const { registry } = serviceRegistry({ jobs }, 60_000);
  await Promise.all([registry.metrics(), registry.metrics()]);
  await registry.metrics();
  expect(asked).toBe(1);
});

test('docs/observability.md has every metric, and no other', async () => {
  const { registry } = serviceRegistry();
  void [new HttpMetrics(registry), new WorkerMetrics(registry)];
  const text = await readFile(new URL('../../../../docs/observability.md', import.meta.url), 'utf8');
  const [table] = text.split('## Logs');
  const documented = [...table!.matchAll(/^\| `(isochron_\w+)`/gm)].map(([, name]) => name!);
  const names = registry.getMetricsAsArray().map(({ name }) => name);
  expect(documented.sort()).toEqual(names.sort());
  const mentioned = [...text.matchAll(/isochron_\w+/g)].map(([name]) =>
    name.replace(/_(bucket|sum|count)$/, ''),
  );
  expect(mentioned.filter((name) => !names.includes(name))).toEqual([]);
});
