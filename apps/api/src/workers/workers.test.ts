import { randomUUID } from 'node:crypto';
import type { Worker } from '#contracts';
import { aWorker } from '#testkit';
import { expectProblem, startTestApi, type TestApi } from '../testing/test-api.js';

let api: TestApi;
beforeAll(async () => void (api = await startTestApi()));
afterAll(() => api.close());

const known = async (changes: Parameters<typeof aWorker>[0] = {}) => {
  const worker = aWorker(changes);
  await api.store.storage.workers.heartbeat(worker, []);
  return worker;
};

test('tells what a worker is, has and holds', async () => {
  const worker = await known({ labels: { gpu: 'h200' } });
  const answer = await api.get(`/v1/workers/${worker.id}`);
  expect(answer.status).toBe(200);
  expect(answer.body).toMatchObject({ ...worker, state: 'active', running: 0, jobs: [] });
  expect(answer.body).not.toHaveProperty('jobIds');
  expectProblem(await api.get(`/v1/workers/${randomUUID()}`), 404, 'not_found');
});

test('lists those that serve the team, by state and labels', async () => {
  const [first, second] = [
    await known({ labels: { zone: 'list' } }),
    await known({ labels: { zone: 'list' } }),
  ];
  await known({ labels: { zone: 'list' }, teamId: api.store.stranger.teamId });
  await api.store.storage.workers.stop(first.id);
  const ids = async (query: string) =>
    (await api.get(`/v1/workers?label=zone=list${query}`)).body.items.map(({ id }: Worker) => id) as string[];
  expect(await ids('')).toEqual([second.id, first.id]);
  expect(await ids('&state=stopped')).toEqual([first.id]);
  expect(await ids('&state=active')).toEqual([second.id]);
  const { body } = await api.get('/v1/workers?label=zone=list&limit=1');
  expect(await ids(`&limit=1&cursor=${body.nextCursor}`)).toEqual([first.id]);
  expectProblem(await api.get('/v1/workers?state=asleep'), 400, 'invalid_request');
});

test('drains a worker, in the mode that is asked for, and has it take jobs again', async () => {
  const { id } = await known();
  const drain = (body: object) => api.post(`/v1/workers/${id}/drain`, body);
  expect(await drain({})).toMatchObject({ status: 202, body: { state: 'draining', drainMode: 'finish' } });
  expect(await drain({ mode: 'checkpoint' })).toMatchObject({
    body: { state: 'draining', drainMode: 'checkpoint' },
  });
  const active = await api.post(`/v1/workers/${id}/activate`, {});
  expect([active.status, active.body.state, active.body.drainMode]).toEqual([202, 'active', undefined]);
  const { errors } = expectProblem(await drain({ mode: 'now' }), 400, 'invalid_request');
  expect(errors).toMatchObject([{ field: 'mode', value: 'now' }]);
});

test("another team's worker is nobody's business", async () => {
  const { id } = await known({ teamId: api.store.stranger.teamId });
  expectProblem(await api.get(`/v1/workers/${id}`), 404, 'not_found');
  expectProblem(await api.post(`/v1/workers/${id}/drain`, {}), 404, 'not_found');
  expectProblem(await api.post(`/v1/workers/${id}/activate`, {}), 404, 'not_found');
});

test("the team's limit is read and set", async () => {
  expect((await api.get('/v1/team/limits')).body).toEqual({ maxRunningJobs: null });
  expect(await api.put('/v1/team/limits', { maxRunningJobs: 4 })).toMatchObject({
    ...{ status: 200, body: { maxRunningJobs: 4 } },
  });
  expect((await api.get('/v1/team/limits')).body).toEqual({ maxRunningJobs: 4 });
  const { errors } = expectProblem(
    await api.put('/v1/team/limits', { maxRunningJobs: -1 }),
    400,
    'invalid_request',
  );
  expect(errors).toMatchObject([{ field: 'maxRunningJobs', value: -1 }]);
});

test('metrics get the state of every worker', async () => {
  const { id } = await known({ name: 'counted' });
  await api.store.storage.workers.stop(id);
  expect(await api.service.workers.states()).toContainEqual({ worker: 'counted', state: 'stopped' });
});
