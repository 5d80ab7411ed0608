import { rm } from 'node:fs/promises';
import type { CreateJob, Job } from '#contracts';
import { aCandidate, readEvents, type ReadEventsOptions } from '#testkit';
import { startJobsApi, type JobsApi } from '../testing/bits-dataset.js';
import { expectProblem } from '../testing/test-api.js';

let api: JobsApi;
beforeAll(async () => void (api = await startJobsApi()));
afterAll(() => api.close());

/** The message of a stage of a job that nobody has resumed or retried. */
const first = (jobId: string, stage: 'train' | 'publish') => ({ jobId, stage, generation: 0 });

const submit = async (): Promise<Job> => (await api.post<Job>('/v1/jobs', api.jobRequest())).body;

const follow = (jobId: string, options?: ReadEventsOptions) =>
  readEvents(api.fetch, `/v1/jobs/${jobId}/events`, options);

/** Takes a job through a training of `steps` steps, as a worker does. */
async function train(jobId: string, steps = 3): Promise<void> {
  const { attempt } = (await api.service.workerReports.begin(first(jobId, 'train')))!;
  for (let step = 1; step <= steps; step++) {
    const progress = { stage: 'train' as const, step, steps, fraction: step / steps };
    await api.service.workerReports.progress(jobId, attempt, progress);
  }
  const bundle = await api.store.storage.artifacts.putBytes(Buffer.from(`bundle of ${jobId}`));
  await api.service.workerReports.trained(jobId, attempt, aCandidate({ bundle }));
}

async function publish(jobId: string): Promise<void> {
  const { registry } = api.service;
  const { attempt, job } = (await api.service.workerReports.begin(first(jobId, 'publish')))!;
  await api.service.workerReports.published(jobId, attempt, await registry.draft(job));
}

test('takes a job, says where it is and lists it by state and model', async () => {
  const { status, body, headers } = await api.post<Job>('/v1/jobs', api.jobRequest({ model: 'listed' }));
  expect([status, headers.get('location')]).toEqual([202, `/v1/jobs/${body.id}`]);
  expect(body).toMatchObject({ state: 'queued', stage: 'train', ratios: [0, 0.5] });
  expect((await api.get('/v1/jobs?state=queued&model=listed')).body.items).toEqual([body]);
  expect((await api.get('/v1/jobs?state=failed')).body.items).toEqual([]);
});

test('a job, and every job of a sweep, says which request it came of, whatever is done to it later', async () => {
  const answer = await api.post<Job>('/v1/jobs', api.jobRequest({}), { 'x-request-id': 'submission-1' });
  expect(answer.body.requestId).toBe('submission-1');
  const path = `/v1/jobs/${answer.body.id}`;
  await api.post(`${path}/pause`, {}, { 'x-request-id': 'pause-1' });
  expect((await api.get(path)).body).toMatchObject({ state: 'paused', requestId: 'submission-1' });
  const { model, network } = api.jobRequest({}) as CreateJob;
  const training = { batchSize: 16, channelMultiple: 1 };
  const base = { model, network, datasetId: api.datasetId, ratios: [0, 0.5], training };
  const sweep = await api.post(
    '/v1/sweeps',
    { base, axes: { seeds: [1, 2] } },
    { 'x-request-id': 'sweep-1' },
  );
  const jobs = (await api.get('/v1/jobs?limit=2')).body.items as Job[];
  expect(jobs.map(({ sweepId, requestId }) => [sweepId, requestId])).toEqual(
    Array(2).fill([sweep.body.id, 'sweep-1']),
  );
});

test('refuses what does not fit the dataset or the network, by field', async () => {
  const large = await api.post(
    '/v1/jobs',
    api.jobRequest({ training: { batchSize: 128, channelMultiple: 1 } }),
  );
  const problem = expectProblem(large, 400, 'dataset_does_not_fit');
  expect(problem.errors?.[0]).toMatchObject({ field: 'training.batchSize', value: 128 });
  const training = { batchSize: 16, minChannels: 8 };
  const deep = await api.post('/v1/jobs', api.jobRequest({ model: 'deep', ratios: [0, 0.95], training }));
  expect(expectProblem(deep, 400, 'ratio_unreachable').errors?.[0]).toMatchObject({
    field: 'ratios[1]',
    value: 0.95,
  });
  expect((await api.get('/v1/jobs?model=deep')).body.items).toEqual([]);
});

test('refuses an engine that no worker has, and options that contradict each other, by field', async () => {
  const training = {
    ...{ batchSize: 16, optimizer: 'adamw', learningRate: 0.001, nesterov: true },
    engine: { executor: 'onnxruntime', provider: 'wasm' },
  };
  const refused = await api.post('/v1/jobs', { ...api.jobRequest({ model: 'nobody' }), training });
  expect(expectProblem(refused, 400, 'invalid_request').errors).toEqual([
    {
      ...{ field: 'training.engine.provider', value: 'wasm' },
      expected: 'one of cuda, webgpu, cpu with executor onnxruntime',
    },
    { field: 'training.nesterov', value: true, expected: 'false with optimizer adamw' },
  ]);
  expect((await api.get('/v1/jobs?model=nobody')).body.items).toEqual([]);
});

describe('the event stream', () => {
  test('tells what happened and what happens, once and in order, and ends with the job', async () => {
    const job = await submit();
    await train(job.id);
    let published: Promise<void> | undefined;
    const seen = await follow(job.id, { meanwhile: () => (published ??= publish(job.id)) });
    expect(seen.map(({ id }) => id)).toEqual(seen.map((_, index) => index + 1));
    expect(seen.map(({ type, data }) => data.state ?? data.progress?.step ?? type)).toEqual([
      ...['queued', 'running', 1, 2, 3, 'accuracy', 'accuracy'],
      ...['queued', 'running', 'succeeded'],
    ]);
    for (const { type, data } of seen) {
      expect(data).toMatchObject({ type, at: expect.stringMatching(/^\d{4}-.*Z$/) });
    }
  });

  test('goes on behind Last-Event-ID, also many events later', async () => {
    const job = await submit();
    await train(job.id, 30);
    const { attempt } = (await api.service.workerReports.begin(first(job.id, 'publish')))!;
    const error = { code: 'internal', fault: 'infrastructure' as const, message: 'out of luck' };
    await api.service.workerReports.failed(job.id, attempt, error, false);
    const all = await follow(job.id);
    expect(all.at(-1)?.data).toMatchObject({ state: 'failed', error });
    expect(await follow(job.id, { lastEventId: 5 })).toEqual(all.slice(5));
    expect(await follow(job.id, { lastEventId: all.length })).toEqual([]);
  });

  test('misses nothing while events are written under its eyes', async () => {
    const job = await submit();
    const followed = Promise.all([follow(job.id), follow(job.id, { lastEventId: 2 })]);
    await train(job.id, 40);
    await publish(job.id);
    const [whole, behind] = await followed;
    expect(whole.map(({ id }) => id)).toEqual(whole.map((_, index) => index + 1));
    expect(behind).toEqual(whole.slice(2));
  });

  test('refuses a Last-Event-ID that no event has', async () => {
    const job = await submit();
    const answer = await api.get(`/v1/jobs/${job.id}/events`, { 'last-event-id': 'first' });
    const problem = expectProblem(answer, 400, 'invalid_request');
    expect(problem.errors?.[0]).toMatchObject({ field: 'Last-Event-ID', value: 'first' });
  });

  test('of an unfinished job ends when the service stops', async () => {
    const other = await startJobsApi();
    try {
      const job = await other.post('/v1/jobs', other.jobRequest());
      const response = await other.fetch(`${other.url}/v1/jobs/${job.body.id}/events`);
      const reader = response.body!.getReader();
      const first = new TextDecoder().decode((await reader.read()).value);
      expect(first).toMatch(/^id: 1\nevent: state\n/);
      const before = performance.now();
      await other.stop();
      expect(await reader.read()).toEqual({ done: true, value: undefined });
      expect(performance.now() - before).toBeLessThan(4_000);
    } finally {
      await other.close();
    }
  });
});

describe('a published model', () => {
  let digest: string;
  let content: Buffer;
  const bundleUrl = () => `${api.url}/v1/models/downloads/versions/1/bundle`;
  beforeAll(async () => {
    const { body: job } = await api.post<Job>('/v1/jobs', api.jobRequest({ model: 'downloads' }));
    await train(job.id);
    await publish(job.id);
    content = Buffer.from(`bundle of ${job.id}`);
    digest = (await api.get('/v1/models/downloads/versions/1')).body.bundle.digest;
  });

  test('is listed with its versions', async () => {
    const { body } = await api.get('/v1/models');
    expect(body.items.map((model: { name: string }) => model.name)).toContain('downloads');
    expect((await api.get('/v1/models/downloads')).body).toMatchObject({ latestVersion: 1 });
    const version = await api.get('/v1/models/downloads/versions/1');
    expect(version.body).toMatchObject({
      version: 1,
      lineage: { datasetId: api.datasetId },
      deployments: [],
    });
    const again = { 'if-none-match': version.headers.get('etag')! };
    expect((await api.get('/v1/models/downloads/versions/1', again)).status).toBe(304);
  });

  test('has its bundle downloaded with digests, by name and by digest', async () => {
    const sha256 = `sha-256=:${Buffer.from(digest, 'hex').toString('base64')}:`;
    for (const url of [bundleUrl(), `${api.url}/v1/artifacts/${digest}`]) {
      const response = await api.fetch(url);
      expect(Buffer.from(await response.arrayBuffer())).toEqual(content);
      expect(Object.fromEntries(response.headers)).toMatchObject({
        etag: `"${digest}"`,
        'content-digest': sha256,
        'repr-digest': sha256,
        'accept-ranges': 'bytes',
        'content-length': String(content.length),
      });
    }
  });

  test.each([
    ['bytes=0-3', 0, 4],
    ['bytes=5-', 5, undefined],
    ['bytes=-4', -4, undefined],
    ['bytes=10-100000', 10, undefined],
  ])('answers %s with that part alone', async (range, from, to) => {
    const response = await api.fetch(bundleUrl(), { headers: { range } });
    const part = content.subarray(from, to);
    expect(response.status).toBe(206);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(part);
    const first = from < 0 ? content.length + from : from;
    const span = `bytes ${first}-${first + part.length - 1}/${content.length}`;
    expect(response.headers.get('content-range')).toBe(span);
    expect(response.headers.get('content-digest')).toBeNull();
  });

  test('refuses a range behind its end and says how long it is', async () => {
    const answer = await api.get('/v1/models/downloads/versions/1/bundle', { range: 'bytes=9999-' });
    expectProblem(answer, 416, 'range_not_satisfiable');
    expect(answer.headers.get('content-range')).toBe(`bytes */${content.length}`);
  });

  test('sends all of it when a range makes no sense, or the file is another one', async () => {
    for (const headers of [{ range: 'bytes=4-1' }, { range: 'bytes=0-1', 'if-range': '"other"' }]) {
      const response = await api.fetch(bundleUrl(), { headers: headers as Record<string, string> });
      expect([response.status, (await response.arrayBuffer()).byteLength]).toEqual([200, content.length]);
    }
  });

  test('sends nothing to who has it, and to HEAD', async () => {
    const headers = { 'if-none-match': `"${digest}"` };
    expect((await api.fetch(bundleUrl(), { headers })).status).toBe(304);
    const head = await api.fetch(bundleUrl(), { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(content.length)]);
    expect((await head.arrayBuffer()).byteLength).toBe(0);
  });
});

test.each<Record<string, string>>([{}, { range: 'bytes=0-3' }])(
  'a lost file is answered without its digests: %j',
  async (headers) => {
    const { body: job } = await api.post<Job>('/v1/jobs', api.jobRequest({ model: 'lost' }));
    await train(job.id);
    await publish(job.id);
    const { bundle } = (await api.get<Job>(`/v1/jobs/${job.id}`)).body.candidate!;
    await rm(api.store.artifactFile(bundle.digest));
    const answer = await api.get(`/v1/artifacts/${bundle.digest}`, headers);
    expectProblem(answer, 404, 'not_found');
    for (const header of ['repr-digest', 'content-digest', 'content-range']) {
      expect([header, answer.headers.get(header)]).toEqual([header, null]);
    }
  },
);

test('a file that only another team refers to is not there', async () => {
  const { digest } = await api.store.storage.artifacts.putBytes(Buffer.from('a secret'));
  expectProblem(await api.get(`/v1/artifacts/${digest}`), 404, 'not_found');
});
