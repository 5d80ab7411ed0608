import type { Model, ModelVersion } from '#contracts';
import { publishDeployment, storedRegistry } from '#testkit';
import { expectProblem, startTestApi, type TestApi } from '../testing/test-api.js';

let api: TestApi;
beforeEach(async () => {
  api = await startTestApi();
  await publish();
  await publish();
});
afterEach(() => api.close());

/** The next version of "digits". */
const publish = () => publishDeployment(storedRegistry(api.store.storage), api.store.actor);
const model = () => api.get<Model>('/v1/models/digits');
const version = (n: number) => api.get<ModelVersion>(`/v1/models/digits/versions/${n}`);

test('a model is made, described and found by its tags', async () => {
  const made = await api.post<Model>('/v1/models', { name: 'letters', tags: { task: 'ocr' } });
  expect([made.status, made.headers.get('location')]).toEqual([201, '/v1/models/letters']);
  expect(made.body).toMatchObject({ description: '', tags: { task: 'ocr' } });
  const change = { description: 'A to Z', tags: { task: null, stage: 'try' } };
  const changed = await api.patch<Model>('/v1/models/letters', change);
  expect(changed.body).toMatchObject({ description: 'A to Z', tags: { stage: 'try' } });
  expect(changed.body.updatedAt > made.body.updatedAt).toBe(true);
  expect((await api.get('/v1/models/letters')).body).toEqual(changed.body);
  const names = async (query: string) =>
    (await api.get(`/v1/models?${query}`)).body.items.map(({ name }: Model) => name);
  expect(await names('tag=stage:try')).toEqual(['letters']);
  expect(await names('tag=task:ocr')).toEqual([]);
  expect(await names('name=dig')).toEqual(['digits']);
  expectProblem(await api.post('/v1/models', { name: 'letters' }), 409, 'already_exists');
});

test('a change names what it has seen, or is refused where that has changed', async () => {
  const { headers } = await version(1);
  const ifMatch = { 'if-match': headers.get('etag')! };
  const first = await api.patch('/v1/models/digits/versions/1', { tags: { a: '1' } }, ifMatch);
  expect(first.status).toBe(200);
  const second = await api.patch('/v1/models/digits/versions/1', { tags: { b: '2' } }, ifMatch);
  expectProblem(second, 412, 'precondition_failed');
  expect((await version(1)).body.tags).toEqual({ a: '1' });
  const etag = { 'if-match': (await model()).headers.get('etag')! };
  expect((await api.patch('/v1/models/digits', { description: 'x' }, etag)).status).toBe(200);
  expectProblem(await api.delete('/v1/models/digits', etag), 412, 'precondition_failed');
});

test('tags and descriptions that are too much are refused by name', async () => {
  const refused = async (body: object) =>
    expectProblem(await api.patch('/v1/models/digits', body), 400, 'invalid_request').errors!;
  expect(await refused({ tags: { a: 'x'.repeat(501) } })).toMatchObject([{ field: 'tags.a' }]);
  expect(await refused({ description: 'x'.repeat(10_001) })).toMatchObject([{ field: 'description' }]);
  expect(await refused({})).toMatchObject([{ field: 'body' }]);
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`t${i}`, '']));
  expect((await api.patch('/v1/models/digits', { tags: many })).status).toBe(200);
  expect(await refused({ tags: { one: 'more' } })).toMatchObject([{ field: 'tags', value: 51 }]);
  for (const query of ['tag=x', 'includeDeleted=yes', 'cursor=x'])
    expectProblem(await api.get(`/v1/models?${query}`), 400, 'invalid_request');
  expectProblem(await api.get('/v1/models/digits/versions?cursor=x'), 400, 'invalid_request');
});

test('versions are listed, newest first', async () => {
  const { body } = await api.get('/v1/models/digits/versions?limit=1');
  expect(body.items).toEqual([(await version(2)).body]);
  const rest = await api.get(`/v1/models/digits/versions?limit=1&cursor=${body.nextCursor}`);
  expect(rest.body).toEqual({ items: [(await version(1)).body] });
});

test('a deleted version goes with its deployments, and comes back', async () => {
  const before = (await version(2)).body;
  const deployment = `/v1/deployments/${before.deployments[0]!.id}`;
  expect((await api.delete('/v1/models/digits/versions/2')).status).toBe(204);
  expectProblem(await version(2), 404, 'not_found');
  expectProblem(await api.get(deployment), 404, 'not_found');
  expectProblem(await api.get('/v1/models/digits/versions/2/bundle'), 404, 'not_found');
  expectProblem(await api.delete('/v1/models/digits/versions/2'), 404, 'not_found');
  expectProblem(await api.patch('/v1/models/digits/versions/2', { tags: {} }), 404, 'not_found');
  expect((await model()).body.latestVersion).toBe(1);
  const listed = await api.get('/v1/models/digits/versions?includeDeleted=true');
  expect(listed.body.items[0]).toMatchObject({ version: 2, deletedBy: 'ada', deletedAt: expect.any(String) });
  const restored = await api.post<ModelVersion>('/v1/models/digits/versions/2/restore', {});
  expect(restored.body).toEqual({ ...before, updatedAt: restored.body.updatedAt });
  expect((await api.get(deployment)).status).toBe(200);
  expect((await model()).body.latestVersion).toBe(2);
});

test('a deleted model comes back with its versions', async () => {
  expect((await api.delete('/v1/models/digits')).status).toBe(204);
  for (const path of ['', '/versions/1', '/versions', '/aliases', '/aliases/latest'])
    expectProblem(await api.get(`/v1/models/digits${path}`), 404, 'not_found');
  expect((await api.get('/v1/models')).body.items).toEqual([]);
  expect((await api.get('/v1/models?includeDeleted=true')).body.items).toHaveLength(1);
  expectProblem(await api.post('/v1/models', { name: 'digits' }), 409, 'already_exists');
  const restored = await api.post<Model>('/v1/models/digits/restore', {});
  expect(restored.body).not.toHaveProperty('deletedAt');
  expect((await version(2)).status).toBe(200);
});

test('what an alias points to is not deleted', async () => {
  await api.put('/v1/models/digits/aliases/champion', { version: 1 });
  for (const path of ['/v1/models/digits', '/v1/models/digits/versions/1']) {
    const problem = expectProblem(await api.delete(path), 409, 'in_use');
    expect(problem.detail).toContain('"champion"');
  }
  expect((await api.delete('/v1/models/digits/versions/2')).status).toBe(204);
  await api.delete('/v1/models/digits/aliases/champion');
  expect((await api.delete('/v1/models/digits')).status).toBe(204);
});
