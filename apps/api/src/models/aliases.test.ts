import { createHash, randomUUID } from 'node:crypto';
import type { AliasChange, ModelAlias } from '#contracts';
import { aBundleFile } from '../testing/a-bundle.js';
import { uploadFile } from '../testing/upload-file.js';
import { expectProblem, startTestApi, type TestApi } from '../testing/test-api.js';

const FILES = [1, 2].map((seed) => aBundleFile(seed));

let api: TestApi;
let memberKey: string;
let digests: string[];
/** A model of its own for each test, with two versions. */
let model: string;
let aliases: string;
beforeAll(async () => {
  api = await startTestApi();
  memberKey = await api.keyOf(api.store.actor, 'member');
  digests = [await uploadFile(api, FILES[0]!), await uploadFile(api, FILES[1]!)];
});
beforeEach(async () => {
  model = `digits-${randomUUID()}`;
  aliases = `/v1/models/${model}/aliases`;
  await api.post('/v1/models', { name: model });
  for (const digest of digests) await api.post(`/v1/models/${model}/versions`, { digest });
});
afterAll(() => api.close());

const as = (key: string) => ({ authorization: `Bearer ${key}` });
const move = (alias: string, version: number, headers = {}, reason?: string) =>
  api.put<ModelAlias>(`${aliases}/${alias}`, { version, reason }, headers);
const get = (alias: string, query = '') => api.get<ModelAlias>(`${aliases}/${alias}${query}`);

test('an alias is made, moved with a reason, and knows its history', async () => {
  const made = await move('champion', 1);
  expect([made.status, made.headers.get('location')]).toEqual([201, `${aliases}/champion`]);
  const moved = await move('champion', 2, {}, 'faster');
  expect([moved.status, moved.body.version, moved.body.reason]).toEqual([200, 2, 'faster']);
  expect((await get('champion')).body).toEqual(moved.body);
  expect((await move('champion', 2)).body).toEqual(moved.body);
  expect((await api.get(aliases)).body).toEqual({ items: [moved.body] });
  const { items } = (await api.get<{ items: AliasChange[] }>(`${aliases}/champion/history`)).body;
  expect(items).toMatchObject([
    { fromVersion: 1, toVersion: 2, owner: 'ada', reason: 'faster' },
    { toVersion: 1 },
  ]);
});

test('what was production on a day is known, also when it is production no longer', async () => {
  await move('production', 1);
  const then = (await get('production')).body.movedAt;
  await move('production', 2);
  expect((await api.delete(`${aliases}/production?reason=recalled`)).status).toBe(204);
  expectProblem(await get('production'), 404, 'not_found');
  expect((await get('production', `?at=${then}`)).body).toMatchObject({ version: 1, movedAt: then });
  expectProblem(await get('production', '?at=2001-01-01T00:00:00Z'), 404, 'not_found');
  expectProblem(await get('production', `?at=2100-01-01T00:00:00Z`), 404, 'not_found');
  const zoned = encodeURIComponent(then.replace('Z', '+00:00'));
  expect((await get('production', `?at=${zoned}`)).body).toMatchObject({ version: 1 });
  for (const query of ['?at=yesterday', '?at=2030-05-03', '?att=2030-05-03T12:00:00Z'])
    expectProblem(await get('production', query), 400, 'invalid_request');
  const [removed] = (await api.get(`${aliases}/production/history?limit=1`)).body.items;
  expect(removed).toMatchObject({ fromVersion: 2, reason: 'recalled' });
  expect(removed).not.toHaveProperty('toVersion');
});

test('latest is the newest version, and is not moved by hand', async () => {
  expect((await get('latest')).body).toMatchObject({ alias: 'latest', version: 2 });
  await api.delete(`/v1/models/${model}/versions/2`);
  expect((await get('latest')).body).toMatchObject({ version: 1 });
  for (const name of ['latest', '7', 'Upper', 'a%2Fb']) {
    const problem = expectProblem(await move(name, 1), 400, 'invalid_request');
    expect(problem.errors).toMatchObject([{ field: 'alias' }]);
  }
  expectProblem(await api.delete(`${aliases}/latest`), 400, 'invalid_request');
  const then = expectProblem(await get('latest', '?at=2030-05-03T12:00:00Z'), 400, 'invalid_request');
  expect(then.errors).toMatchObject([{ field: 'at' }]);
  const unknown = expectProblem(await move('champion', 9), 400, 'invalid_request');
  expect(unknown.errors).toMatchObject([{ field: 'version', value: 9 }]);
});

test('of two who move an alias at once one has to look again', async () => {
  const fresh = { 'if-none-match': '*' };
  const firsts = await Promise.all([move('champion', 1, fresh), move('champion', 2, fresh)]);
  expect(firsts.map(({ status }) => status).sort()).toEqual([201, 412]);
  const { headers, body } = await get('champion');
  const seen = { 'if-match': headers.get('etag')! };
  const other = 3 - body.version;
  const both = await Promise.all([move('champion', other, seen), move('champion', other, seen)]);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
  for (const named of [seen, { 'if-match': '*' }])
    expectProblem(await move('challenger', 1, named), 412, 'precondition_failed');
  expect((await move('champion', other, { 'if-match': '*' })).status).toBe(200);
  expectProblem(await api.delete(`${aliases}/champion`, seen), 412, 'precondition_failed');
  expectProblem(await move('champion', 1, { 'if-none-match': '"x"' }), 400, 'invalid_request');
});

test('production is moved by admins, until the team says otherwise', async () => {
  const refused = expectProblem(await move('production', 1, as(memberKey)), 403, 'forbidden');
  expect(refused.detail).toContain('only the role admin may move alias "production"');
  expect((await move('champion', 1, as(memberKey))).status).toBe(201);
  expect((await move('production', 1)).status).toBe(201);
  expectProblem(await api.delete(`${aliases}/production`, as(memberKey)), 403, 'forbidden');

  const protect = '/v1/team/protected-aliases';
  expect((await api.put(`${protect}/production`, { role: 'member' })).body).toMatchObject({ role: 'member' });
  expect((await api.put(`${protect}/champion`, { role: 'admin' })).status).toBe(200);
  expect((await move('production', 2, as(memberKey))).status).toBe(200);
  expectProblem(await move('champion', 2, as(memberKey)), 403, 'forbidden');
  expect((await api.get(protect)).body.items).toEqual([
    { alias: 'champion', role: 'admin', isDefault: false },
    { alias: 'production', role: 'member', isDefault: false },
  ]);
  expectProblem(await api.put(`${protect}/champion`, { role: 'member' }, as(memberKey)), 403, 'forbidden');
  expect((await api.delete(`${protect}/production`)).status).toBe(204);
  expect((await api.get(protect)).body.items).toContainEqual({
    alias: 'production',
    role: 'admin',
    isDefault: true,
  });
  expectProblem(await move('production', 1, as(memberKey)), 403, 'forbidden');
  expectProblem(await api.put(`${protect}/latest`, { role: 'admin' }), 400, 'invalid_request');
});

test('the bundle behind an alias is downloaded without a detour, in ranges, and named by its digest', async () => {
  await move('production', 1);
  const url = `${aliases}/production/bundle`;
  const whole = await api.fetch(url);
  const content = Buffer.from(await whole.arrayBuffer());
  const digest = createHash('sha256').update(content).digest('hex');
  expect(content).toEqual(Buffer.from(FILES[0]!));
  expect([whole.headers.get('etag'), whole.headers.get('isochron-version')]).toEqual([`"${digest}"`, '1']);
  expect(whole.headers.get('cache-control')).toBe('private, no-cache');
  expect(whole.headers.get('repr-digest')).toContain('sha-256=:');
  const part = await api.fetch(url, { headers: { range: 'bytes=8-15', 'if-range': `"${digest}"` } });
  expect([part.status, Buffer.from(await part.arrayBuffer())]).toEqual([206, content.subarray(8, 16)]);
  const known = await api.fetch(url, { headers: { 'if-none-match': `"${digest}"` } });
  expect(known.status).toBe(304);
  await move('production', 2);
  const moved = await api.fetch(url, { headers: { 'if-none-match': `"${digest}"` } });
  expect(Buffer.from(await moved.arrayBuffer())).toEqual(Buffer.from(FILES[1]!));
  expect((await api.fetch(`${aliases}/latest/bundle`)).headers.get('isochron-version')).toBe('2');
  expectProblem(await get('nobody/bundle'), 404, 'not_found');
});

test('a move is told to webhooks and to the audit log', async () => {
  const { id } = (
    await api.post('/v1/webhooks', { url: 'https://example.org/hook', events: ['model.alias.moved'] })
  ).body;
  await move('production', 1);
  await move('production', 1);
  await move('production', 2, {}, 'faster');
  await api.delete(`${aliases}/production`);
  const deliveries = (await api.get(`/v1/webhooks/${id}/deliveries`)).body.items;
  const told = deliveries.map((delivery: { body: string }) => JSON.parse(delivery.body).data).reverse();
  const of = { model, alias: 'production', movedBy: 'ada' };
  expect(told).toEqual([
    { ...of, version: 1, versionId: expect.any(String), digest: expect.any(String) },
    {
      ...of,
      version: 2,
      previousVersion: 1,
      versionId: expect.any(String),
      digest: expect.any(String),
      reason: 'faster',
    },
    { ...of, previousVersion: 2 },
  ]);
  const log = (await api.get(`/v1/audit-log?resource=${model}@production`)).body.items;
  const [removed, moved] = ['removeModelAlias', 'moveModelAlias'];
  expect(log.map(({ action }: { action: string }) => action)).toEqual([removed, moved, moved, moved]);
});
