import type { Sweep } from '#contracts';
import { aCandidate, aJobRequest, readEvents, type ReadEventsOptions } from '#testkit';
import { startJobsApi, type JobsApi } from '../testing/bits-dataset.js';
import { expectProblem } from '../testing/test-api.js';

let api: JobsApi;
beforeAll(async () => void (api = await startJobsApi()));
afterAll(() => api.close());

function request(changes: object = {}, base: object = {}) {
  const { model, network } = aJobRequest();
  const { datasetId } = api;
  const training = { batchSize: 16, channelMultiple: 1 };
  return {
    base: { model, network, datasetId, ratios: [0, 0.5], training, until: 'train', ...base },
    axes: { seeds: [1, 2], methods: ['all-in-one', 'uniform-slimmable'] },
    ...changes,
  };
}
const submit = async (changes: object = {}): Promise<Sweep> =>
  (await api.post<Sweep>('/v1/sweeps', request(changes))).body;

async function train(jobId: string, accuracy: number): Promise<void> {
  const { workerReports } = api.service;
  const { attempt } = (await workerReports.begin({ jobId, stage: 'train', generation: 0 }))!;
  const bundle = await api.store.storage.artifacts.putBytes(Buffer.from(`bundle of ${jobId}`));
  const { ratios } = aCandidate();
  const candidate = aCandidate({ bundle, ratios: ratios.map((one) => ({ ...one, accuracy })) });
  await workerReports.trained(jobId, attempt, { ...candidate, trainingMacs: 2e9 });
}

const follow = (sweepId: string, options?: ReadEventsOptions) =>
  readEvents(api.fetch, `/v1/sweeps/${sweepId}/events`, options);

test('takes a sweep, lists it and reads it with its jobs', async () => {
  const answer = await api.post<Sweep>('/v1/sweeps', request({ name: 'two-by-two', labels: { a: 'b' } }));
  const { status, headers, body } = answer;
  expect([status, headers.get('location')]).toEqual([202, `/v1/sweeps/${body.id}`]);
  expect(body).toMatchObject({ name: 'two-by-two', state: 'running', counts: { queued: 4 } });
  expect(body.children.map(({ values }) => values)).toEqual([
    { method: 'all-in-one', seed: 1 },
    { method: 'all-in-one', seed: 2 },
    { method: 'uniform-slimmable', seed: 1 },
    { method: 'uniform-slimmable', seed: 2 },
  ]);
  expect((await api.get(`/v1/sweeps/${body.id}`)).body).toEqual(body);
  const [header] = (await api.get('/v1/sweeps?limit=1')).body.items;
  expect({ ...header, children: body.children }).toEqual(body);
  const job = (await api.get(`/v1/jobs/${body.children[1]!.jobId}`)).body;
  expect(job).toMatchObject({ sweepId: body.id, spec: { training: { seed: 2 }, labels: { a: 'b' } } });
  expectProblem(await api.get('/v1/sweeps/00000000-0000-4000-8000-000000000000'), 404, 'not_found');
});

test('lists sweeps by what is asked for, behind a cursor under the same filters', async () => {
  const labels = { team: 'vision', site: 'a=b' };
  const made = [
    await submit({ labels }),
    await submit({ labels }),
    await submit({ labels: { team: 'audio' } }),
  ];
  const list = async (query: string) => (await api.get(`/v1/sweeps?${query}`)).body;
  const ids = async (query: string) => (await list(query)).items.map(({ id }: Sweep) => id);
  const [first, second, third] = made.map(({ id }) => id);
  expect(await ids('label=team=vision&label=site=a=b')).toEqual([second, first]);
  expect(await ids('label=team=audio&state=running,paused&owner=ada')).toEqual([third]);
  expect(await ids('label=team=audio&state=failed')).toEqual([]);
  expect(await ids('label=team=audio&owner=nobody')).toEqual([]);
  expect(await ids(`label=team=audio&model=${made[2]!.spec.base.model}`)).toEqual([third]);
  expect(await ids('model=nothing-like-it')).toEqual([]);
  expect(await ids(`label=team=vision&createdBefore=${made[0]!.createdAt}`)).toEqual([]);
  expect(await ids(`label=team=audio&createdFrom=${made[2]!.createdAt}`)).toEqual([third]);
  const page = await list('label=team=vision&limit=1');
  expect(await ids(`label=team=vision&limit=1&cursor=${page.nextCursor}`)).toEqual([first]);
});

test.each([
  ['state=queued', 'state'],
  ['label=team', 'label'],
  ['createdFrom=yesterday', 'createdFrom'],
])('refuses a list by %s', async (query, field) => {
  const { errors } = expectProblem(await api.get(`/v1/sweeps?${query}`), 400, 'invalid_request');
  expect(errors).toMatchObject([{ field, value: new URLSearchParams(query).get(field) }]);
});

test('does so once for one Idempotency-Key', async () => {
  const headers = { 'idempotency-key': 'sweep-1' };
  const first = await api.post<Sweep>('/v1/sweeps', request(), headers);
  const second = await api.post<Sweep>('/v1/sweeps', request(), headers);
  expect(second.body).toEqual(first.body);
  expect(second.headers.get('location')).toBe(first.headers.get('location'));
  expect((await api.get('/v1/sweeps?limit=2')).body.items[1].id).not.toBe(first.body.id);
});

test('refuses by the place in the sweep, before anything is stored', async () => {
  const before = [(await api.get('/v1/jobs')).body, (await api.get('/v1/sweeps')).body];
  const ofField = await api.post('/v1/sweeps', request({ axes: { ratios: [[0], [0, 0.2, 0.4, 1.5]] } }));
  expect(expectProblem(ofField, 400, 'invalid_request').errors?.[0]).toMatchObject({
    ...{ field: 'axes.ratios[1][3]', value: 1.5 },
  });
  const schedules = [
    [0, 0.5],
    [0, 0.3, 0.95],
    [0, 0.949],
  ];
  const unreachable = request({ axes: { ratios: schedules, seeds: [1, 2] } }, { ratios: undefined });
  const problem = expectProblem(await api.post('/v1/sweeps', unreachable), 400, 'ratio_unreachable');
  expect(problem.errors?.map(({ field, value }) => [field, value])).toEqual([
    ['axes.ratios[1][2]', 0.95],
    ['axes.ratios[2][1]', 0.949],
  ]);
  expect([(await api.get('/v1/jobs')).body, (await api.get('/v1/sweeps')).body]).toEqual(before);
});

test('streams what its jobs do, without a gap, and ends with it; then there is a comparison', async () => {
  const sweep = await submit();
  expectProblem(await api.get(`/v1/sweeps/${sweep.id}/comparison`), 404, 'not_found');
  let open = sweep.children.map(({ jobId }, index) => ({ jobId, accuracy: 0.9 + index / 100 }));
  const meanwhile = async () => {
    const [next, ...rest] = open;
    open = rest;
    if (next) await train(next.jobId, next.accuracy);
    if (rest.length === 0) await api.service.sweeps.look(sweep.id);
  };
  const seen = await follow(sweep.id, { meanwhile });
  expect(seen.map(({ id }) => id)).toEqual(seen.map((_, index) => index + 1));
  expect(seen.at(-1)).toMatchObject({ type: 'state', data: { state: 'succeeded' } });
  const ends = seen.filter(({ data }) => data.type === 'job' && data.state === 'succeeded');
  expect(ends.map(({ data }) => data.jobId)).toEqual(sweep.children.map(({ jobId }) => jobId));
  expect(await follow(sweep.id, { lastEventId: 5 })).toEqual(seen.slice(5));

  const { body } = await api.get(`/v1/sweeps/${sweep.id}/comparison`);
  expect(body.rows).toHaveLength(4);
  expect(body.groups.map((group: any) => group.values)).toEqual([
    { method: 'all-in-one' },
    { method: 'uniform-slimmable' },
  ]);
  expect(body.groups[0].ratios[0].accuracy).toMatchObject({ mean: expect.closeTo(0.905, 9), seeds: 2 });
  const page = await api.fetch(`/v1/sweeps/${sweep.id}/comparison.md`);
  expect(page.headers.get('content-type')).toContain('text/markdown');
  const text = await page.text();
  expect(text).toContain('| method | seed | 0 | 0.5 | state | version |');
  expect(text).toContain('| uniform-slimmable | 2 | 93.00 | 93.00 | succeeded |  |');
  expect(text).toContain('| all-in-one | 1 | 2.000e+9 | 1.5 s |  |');
  expect(text).toContain('| method | seeds | 0 | 0.5 | time |');
  expect(text).toContain('| all-in-one | 2 | 90.50 ± 0.71 | 90.50 ± 0.71 | 1.5 s |');
});

test('answers every verb with the sweep', async () => {
  const sweep = await submit({ maxParallel: 1 });
  const say = (verb: string, body: object = {}) => api.post<Sweep>(`/v1/sweeps/${sweep.id}/${verb}`, body);
  expect((await say('priority', { priority: 5 })).status).toBe(202);
  expect((await say('pause')).body).toMatchObject({ state: 'paused', counts: { paused: 4 } });
  expect((await say('resume')).body).toMatchObject({ state: 'running', counts: { queued: 1, paused: 3 } });
  expect((await say('cancel')).body).toMatchObject({ state: 'cancelled', counts: { cancelled: 4 } });
  expect((await say('retry')).body).toMatchObject({ state: 'running', counts: { queued: 1, paused: 3 } });
  expectProblem(await say('retry'), 409, 'job_state_conflict');
  expectProblem(await say('priority', { priority: 500 }), 400, 'invalid_request');
});
