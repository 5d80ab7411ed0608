import { pino } from 'pino';
import { aDataset, aJobRequest, testStorage, waitUntil, type TestStorage } from '#testkit';
import { expectProblem, startTestApi, type TestApi } from '../testing/test-api.js';
import { apiMetrics } from './api-metrics.js';

const UNKNOWN = '00000000-0000-4000-8000-00000000000f';

let api: TestApi;
beforeAll(async () => void (api = await startTestApi()));
afterAll(() => api.close());

const sample = async (name: string): Promise<number | undefined> => {
  const { body } = await api.get<string>('/metrics');
  const line = body.split('\n').find((each) => each.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.split(' ')[1]);
};

test('are text that Prometheus reads, with what there is to say of the process', async () => {
  const { status, headers, body } = await api.get<string>('/metrics');
  expect([status, headers.get('content-type')]).toEqual([200, expect.stringContaining('version=0.0.4')]);
  expect(body).toMatch(/^process_cpu_seconds_total /m);
  expect(body).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
});

test('requests are counted by the template of their route, never by their path', async () => {
  const count = 'isochron_http_request_duration_seconds_count';
  await api.get(`/v1/devices/${UNKNOWN}`);
  await api.get('/v1/devices/no-id');
  const labels = 'method="GET",route="/v1/devices/:id",status_class="4xx"';
  await waitUntil('both are counted', async () => (await sample(`${count}{${labels}}`)) === 2);
  await api.get('/no/such/route');
  const none = 'method="GET",route="(none)",status_class="4xx"';
  await waitUntil('it is counted', async () => (await sample(`${count}{${none}}`)) === 1);
  const { body } = await api.get<string>('/metrics');
  expect(body).not.toContain(UNKNOWN);
  expect(body).not.toContain('no-id');
});

test('jobs and their durations are told from the database, the same by every process', async () => {
  const { store, service } = api;
  const dataset = aDataset(store.actor);
  await store.storage.datasets.create(dataset);
  const job = await service.jobs.submit(store.actor, aJobRequest({ datasetId: dataset.id }));
  expect(await sample('isochron_jobs{state="queued",stage="train"}')).toBe(1);
  expect(await sample('isochron_outbox_messages')).toBe(1);
  const error = { code: 'internal', fault: 'infrastructure', message: 'broken' } as const;
  await service.jobs.giveUp(job, error);
  const metrics = [
    'isochron_job_duration_seconds_count{state="failed"}',
    'isochron_jobs{state="failed",stage="train"}',
  ];
  expect(await Promise.all(metrics.map(sample))).toEqual([1, 1]);
  expect(await sample('isochron_job_stage_duration_seconds_count{stage="train",outcome="failed"}')).toBe(1);
  const { registry } = apiMetrics(anotherProcess(store));
  const text = await registry.metrics();
  for (const metric of metrics) expect(text).toContain(`${metric} 1\n`);
});

function anotherProcess({ storage }: TestStorage) {
  return {
    storage,
    queue: { counts: () => Promise.resolve([]) },
    workers: () => Promise.resolve([]),
    logger: pino({ level: 'silent' }),
  };
}

test('with a token they are for who has it, and refusals say nothing of it', async () => {
  const store = await testStorage();
  const token = 'a-token-of-some-length';
  const guarded = await startTestApi({ metrics: apiMetrics({ ...anotherProcess(store), token }) });
  try {
    const problem = expectProblem(await guarded.get('/metrics'), 401, 'metrics_refused');
    expect(JSON.stringify(problem)).not.toContain(token);
    expect((await guarded.get('/metrics', { authorization: `Bearer ${token}` })).status).toBe(200);
  } finally {
    await guarded.close();
    await store.close();
  }
});

test('without a token a proxy on this machine does not open them to the world', async () => {
  expectProblem(await api.get('/metrics', { 'x-forwarded-for': '8.8.8.8' }), 401, 'metrics_refused');
});
