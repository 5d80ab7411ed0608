import { randomUUID } from 'node:crypto';
import type { Job, JobState } from '#contracts';
import { aCandidate, aDevice, aJob, aJobRequest } from '#testkit';
import { submission } from '#jobs';
import { startJobsApi, type JobsApi } from '../testing/bits-dataset.js';
import { expectProblem, type Answer } from '../testing/test-api.js';

let api: JobsApi;
beforeAll(async () => void (api = await startJobsApi()));
afterAll(() => api.close());

const submit = async (changes: object = {}): Promise<Job> =>
  (await api.post<Job>('/v1/jobs', api.jobRequest(changes))).body;
const verb = (id: string, name: string, body: object = {}): Promise<Answer<Job>> =>
  api.post(`/v1/jobs/${id}/${name}`, body);
const stateAfter = async (id: string, name: string, body?: object) => {
  const { status, body: job } = await verb(id, name, body);
  expect(status).toBe(202);
  expect((await api.get<Job>(`/v1/jobs/${id}`)).body).toEqual(job);
  return job.state;
};
const begin = async (job: Job, stage: 'train' | 'publish' = 'train') => {
  const { generation } = (await api.get<Job>(`/v1/jobs/${job.id}`)).body;
  return (await api.service.workerReports.begin({ jobId: job.id, stage, generation }))!;
};
const messagesOf = async ({ id }: Job) =>
  (await api.store.storage.outbox.pending(1000))
    .map(({ message }) => message)
    .filter(({ jobId }) => jobId === id);

/** A job that is in a state, however it came there. */
async function aJobIn(state: JobState, changes: Partial<Job> = {}): Promise<Job> {
  const job = aJob(api.store.actor, {
    spec: aJobRequest({ datasetId: api.datasetId }),
    attempt: 1,
    state,
    ...changes,
  });
  await api.store.storage.jobs.create(submission(job));
  return job;
}

test('a job that waits is paused, resumed and cancelled at once; saying it again changes nothing', async () => {
  const job = await submit();
  expect(await stateAfter(job.id, 'pause')).toBe('paused');
  expect(await stateAfter(job.id, 'pause')).toBe('paused');
  expect(await stateAfter(job.id, 'resume')).toBe('queued');
  expect(await stateAfter(job.id, 'resume')).toBe('queued');
  expect(await stateAfter(job.id, 'cancel')).toBe('cancelled');
  expect(await stateAfter(job.id, 'cancel')).toBe('cancelled');
  expect(await stateAfter(job.id, 'retry')).toBe('queued');
  expect((await messagesOf(job)).map(({ stage, generation }) => [stage, generation])).toEqual([
    ['train', 0],
    ['train', 1],
    ['train', 2],
  ]);
});

test('one that a worker holds is asked to stop, and stops when its worker has', async () => {
  const { workerReports } = api.service;
  const pausing = await submit();
  const { attempt } = await begin(pausing);
  expect(await stateAfter(pausing.id, 'pause')).toBe('pausing');
  expect(await stateAfter(pausing.id, 'pause')).toBe('pausing');
  const refused = expectProblem(await verb(pausing.id, 'resume'), 409, 'job_state_conflict');
  expect(refused.detail).toBe(`job "${pausing.id}" is pausing and cannot be resumed: expected a paused job`);
  await workerReports.stopped(pausing.id, attempt);
  expect(await stateAfter(pausing.id, 'resume')).toBe('queued');

  const again = await begin(pausing);
  expect(await stateAfter(pausing.id, 'pause')).toBe('pausing');
  expect(await stateAfter(pausing.id, 'cancel')).toBe('cancelling');
  expect(await stateAfter(pausing.id, 'cancel')).toBe('cancelling');
  expectProblem(await verb(pausing.id, 'pause'), 409, 'job_state_conflict');
  await workerReports.stopped(pausing.id, again.attempt);
  expect((await api.get<Job>(`/v1/jobs/${pausing.id}`)).body.state).toBe('cancelled');
});

test.each<[JobState, string, string]>([
  ['succeeded', 'cancel', 'cannot be cancelled: expected a job that has not ended'],
  ['failed', 'cancel', 'cannot be cancelled: expected a job that has not ended'],
  ['succeeded', 'pause', 'cannot be paused: expected a queued or running job'],
  ['cancelling', 'pause', 'cannot be paused: expected a queued or running job'],
  ['cancelled', 'resume', 'cannot be resumed: expected a paused job'],
  ['running', 'retry', 'cannot be retried: expected a failed or cancelled job'],
  ['paused', 'retry', 'cannot be retried: expected a failed or cancelled job'],
  ['succeeded', 'retry', 'cannot be retried: expected a failed or cancelled job'],
  ['failed', 'priority', 'cannot be given another priority: expected a job that has not ended'],
  ['running', 'continue', 'cannot be continued until publish: expected a job that succeeded with an earlier'],
])('a job that is %s refuses %s, and says what it expects', async (state, name, expected) => {
  const job = await aJobIn(state);
  const answer = await verb(job.id, name, name === 'priority' ? { priority: 3 } : {});
  const { detail } = expectProblem(answer, 409, 'job_state_conflict');
  expect(detail).toContain(`job "${job.id}" is ${state} and ${expected}`);
  expect((await api.get<Job>(`/v1/jobs/${job.id}`)).body.state).toBe(state);
});

test('a job of another team, or none, is not there', async () => {
  const foreign = aJob(api.store.stranger, { spec: aJobRequest({ datasetId: api.datasetId }) });
  await api.store.storage.jobs.create(submission(foreign));
  for (const id of [foreign.id, randomUUID(), 'x'])
    for (const name of ['cancel', 'pause', 'resume', 'retry', 'continue'])
      expectProblem(await verb(id, name), 404, 'not_found');
  expect((await api.store.storage.jobs.load(foreign.id))!.state).toBe('queued');
});

test('a job that ended with an earlier stage is taken further, and no further than there is', async () => {
  const job = await submit({ until: 'train' });
  const { attempt } = await begin(job);
  const trained = await api.service.workerReports.trained(job.id, attempt, aCandidate());
  expect(trained).toMatchObject({ state: 'succeeded', stage: 'train', candidate: aCandidate() });
  const back = expectProblem(await verb(job.id, 'continue', { until: 'train' }), 409, 'job_state_conflict');
  expect(back.detail).toContain("this one's is train");
  const wrong = expectProblem(await verb(job.id, 'continue', { until: 'adjust' }), 400, 'invalid_request');
  expect(wrong.errors).toMatchObject([{ field: 'until', value: 'adjust' }]);
  const { body } = await verb(job.id, 'continue', { until: 'publish' });
  expect(body).toMatchObject({ state: 'queued', stage: 'publish', until: 'publish', generation: 1 });
  expect(body.finishedAt).toBeUndefined();
  expectProblem(await verb(job.id, 'continue'), 409, 'job_state_conflict');
});

test('a job that waits is moved in its queue; one that runs keeps the priority for later', async () => {
  const job = await submit({ priority: 5 });
  expect(job.priority).toBe(5);
  expect((await verb(job.id, 'priority', { priority: 50 })).body.priority).toBe(50);
  expect((await messagesOf(job)).map(({ priority }) => priority)).toEqual([5, 50]);
  expect((await verb(job.id, 'priority', { priority: 50 })).status).toBe(202);
  expect(await messagesOf(job)).toHaveLength(2);
  const { attempt } = await begin(job);
  expect((await verb(job.id, 'priority', { priority: -100 })).body.priority).toBe(-100);
  expect(await messagesOf(job)).toHaveLength(2);
  await api.service.workerReports.trained(job.id, attempt, aCandidate());
  expect((await messagesOf(job)).at(-1)).toMatchObject({ stage: 'publish', priority: -100 });
});

test.each([101, -101, 0.5, 'high'])('refuses the priority %j', async (priority) => {
  const job = await submit();
  const problem = expectProblem(await verb(job.id, 'priority', { priority }), 400, 'invalid_request');
  expect(problem.errors).toMatchObject([{ field: 'priority', value: priority }]);
  expectProblem(await verb(job.id, 'priority', {}), 400, 'invalid_request');
});

describe('the list of jobs', () => {
  const names = async (query: string) =>
    (await api.get(`/v1/jobs?${query}`)).body.items.map(({ model }: Job) => model);

  test('is filtered by states, owner, labels and time, all of which must hold', async () => {
    const at = (day: number) => `2020-01-0${day}T00:00:00.000Z`;
    const spec = (labels: object) => aJobRequest({ datasetId: api.datasetId, labels });
    const stored = [
      ['l-1', 'paused', at(1), { team: 'vision', site: 'a=b' }],
      ['l-2', 'cancelled', at(2), { team: 'vision' }],
      ['l-3', 'paused', at(3), { team: 'audio' }],
    ] as const;
    for (const [model, state, createdAt, labels] of stored)
      await aJobIn(state, { model, createdAt, owner: 'grace', spec: spec(labels) });
    expect(await names('owner=grace')).toEqual(['l-3', 'l-2', 'l-1']);
    expect(await names('owner=grace&state=paused')).toEqual(['l-3', 'l-1']);
    expect(await names('owner=grace&state=paused,cancelled')).toEqual(['l-3', 'l-2', 'l-1']);
    expect(await names('owner=grace&label=team=vision')).toEqual(['l-2', 'l-1']);
    expect(await names('label=team=vision&label=site=a=b')).toEqual(['l-1']);
    expect(await names('label=team=nobody')).toEqual([]);
    expect(await names(`owner=grace&createdFrom=${at(2)}`)).toEqual(['l-3', 'l-2']);
    expect(await names(`owner=grace&createdBefore=${at(2)}`)).toEqual(['l-1']);
    expect(await names(`owner=grace&model=l-2&createdFrom=${at(1)}&createdBefore=${at(3)}`)).toEqual(['l-2']);
    expect(await names('owner=nobody')).toEqual([]);
  });

  test('goes on behind its cursor under the same filters', async () => {
    const { body } = await api.get('/v1/jobs?owner=grace&limit=2');
    expect(body.items.map(({ model }: Job) => model)).toEqual(['l-3', 'l-2']);
    expect(await names(`owner=grace&limit=2&cursor=${body.nextCursor}`)).toEqual(['l-1']);
  });

  test.each([
    ['state=asleep', 'state'],
    ['state=queued,asleep', 'state'],
    ['label=team', 'label'],
    ['createdFrom=yesterday', 'createdFrom'],
  ])('refuses %s', async (query, field) => {
    const { errors } = expectProblem(await api.get(`/v1/jobs?${query}`), 400, 'invalid_request');
    expect(errors).toMatchObject([{ field, value: new URLSearchParams(query).get(field) }]);
  });
});

test('a profile is refused where its device is not there, or its ratios cannot be measured', async () => {
  const profile = (changes: object) => ({
    ratios: undefined,
    profile: { deviceId: randomUUID(), ...changes },
  });
  const missing = await api.post('/v1/jobs', api.jobRequest(profile({})));
  expect(expectProblem(missing, 400, 'invalid_request').errors).toMatchObject([
    { field: 'profile.deviceId' },
  ]);
  const device = aDevice(api.store.actor);
  await api.store.storage.devices.create(device);
  const narrow = {
    ...profile({ deviceId: device.id, ratios: [0, 0.95] }),
    training: { batchSize: 16, minChannels: 8 },
  };
  const unreachable = await api.post('/v1/jobs', api.jobRequest(narrow));
  expect(expectProblem(unreachable, 400, 'ratio_unreachable').errors).toMatchObject([
    { field: 'profile.ratios[1]', value: 0.95 },
  ]);
  const both = await api.post('/v1/jobs', api.jobRequest({ profile: { deviceId: device.id } }));
  expect(expectProblem(both, 400, 'invalid_request').errors).toMatchObject([
    { expected: 'exactly one of ratios, calibrationId and profile' },
  ]);
});
