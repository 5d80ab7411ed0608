import type { ApiKey, Me, NewApiKey } from '#contracts';
import { waitUntil } from '#testkit';
import { expectProblem, startTestApi, type TestApi } from '../testing/test-api.js';

let api: TestApi;
beforeAll(async () => void (api = await startTestApi()));
afterAll(() => api.close());

const as = (key: string) => ({ authorization: `Bearer ${key}` });
const newKey = async (more: object = {}) => {
  const { status, body } = await api.post<NewApiKey>('/v1/api-keys', {
    ...{ name: 'robot', role: 'member' },
    ...more,
  });
  expect(status).toBe(201);
  return body;
};
const stored = async ({ id }: { id: string }) => api.get<ApiKey>(`/v1/api-keys/${id}`);

test('a key is told once; later its beginning alone, and the database has its digest', async () => {
  const answer = await api.post<NewApiKey>('/v1/api-keys', { name: 'robot', role: 'member' });
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const { key, ...rest } = answer.body;
  expect(key).toMatch(/^iso_[\w-]{32}$/);
  expect(rest).toMatchObject({ name: 'robot', role: 'member', prefix: key.slice(0, 10), owner: 'ada' });
  expect((await api.get(answer.headers.get('location')!)).body).toEqual(rest);
  const list = await api.get('/v1/api-keys');
  expect(list.body.items).toContainEqual(rest);
  expect(JSON.stringify(list.body)).not.toContain(key);
});

test('tells whose key a request has', async () => {
  const { key, ...rest } = await newKey({ role: 'viewer' });
  const { body } = await api.get<Me>('/v1/me', as(key));
  expect(body).toMatchObject({ team: { id: api.store.actor.teamId }, key: { id: rest.id, role: 'viewer' } });
});

test('what a key makes has the name of the key as its owner', async () => {
  const { key } = await newKey();
  const points = [{ name: 'half', emulatedCpuShare: 0.5 }];
  const device = await api.post('/v1/devices', { name: 'of-robot', operatingPoints: points }, as(key));
  expect(device.body).toMatchObject({ owner: 'robot', teamId: api.store.actor.teamId });
});

test('a key is used up to its revocation; it stays in the list', async () => {
  const { key, ...rest } = await newKey();
  expect((await api.get('/v1/jobs', as(key))).status).toBe(200);
  expect((await api.delete(`/v1/api-keys/${rest.id}`)).status).toBe(204);
  expectProblem(await api.get('/v1/jobs', as(key)), 401, 'unauthenticated');
  const { body } = await stored(rest);
  expect(body.revokedAt).toBeDefined();
  expect((await api.delete(`/v1/api-keys/${rest.id}`)).status).toBe(204);
  expect((await stored(rest)).body).toEqual(body);
});

test('unknown, revoked, expired and malformed keys get the same answer', async () => {
  const revoked = await newKey();
  await api.delete(`/v1/api-keys/${revoked.id}`);
  const expired = await newKey({ expiresAt: '2020-01-01T00:00:00Z' });
  const details = [];
  for (const key of [revoked.key, expired.key, `iso_${'x'.repeat(32)}`, 'nonsense']) {
    const answer = await api.get('/v1/jobs', as(key));
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    details.push(expectProblem(answer, 401, 'unauthenticated').detail);
  }
  expect(new Set(details)).toEqual(
    new Set(['the API key is not accepted: it is unknown, revoked or expired']),
  );
  const none = await fetch(`${api.url}/v1/jobs`);
  expect(await none.json()).toMatchObject({
    code: 'unauthenticated',
    detail: expect.stringContaining('there is no API key'),
  });
});

test('when a key was used is written, at most once a minute, and changes nothing else of it', async () => {
  const { key, ...rest } = await newKey();
  await api.get('/v1/jobs', as(key));
  const { body } = await waitUntil('the use', async () => {
    const answer = await stored(rest);
    return answer.body.lastUsedAt === undefined ? undefined : answer;
  });
  expect(Date.now() - Date.parse(body.lastUsedAt!)).toBeLessThan(60_000);
  expect(body.updatedAt).toBe(rest.updatedAt);
  await api.get('/v1/jobs', as(key));
  await api.service.apiKeys.settled();
  expect((await stored(rest)).body.lastUsedAt).toBe(body.lastUsedAt);
});

test('a key of role device names its device, and no other key does', async () => {
  const refused = expectProblem(
    await api.post('/v1/api-keys', { name: 'd', role: 'device' }),
    400,
    'invalid_request',
  );
  expect(refused.errors?.[0]).toMatchObject({
    field: 'deviceId',
    expected: expect.stringContaining('the id of a device'),
  });
  const deviceId = crypto.randomUUID();
  for (const role of ['device', 'member']) {
    const problem = expectProblem(
      await api.post('/v1/api-keys', { name: 'd', role, deviceId }),
      400,
      'invalid_request',
    );
    expect(problem.errors?.[0]?.field).toBe('deviceId');
  }
});

describe('If-Match', () => {
  test.each<[string, object]>([
    ['api-keys', { name: 'x', role: 'viewer' }],
    ['enrolment-keys', { name: 'x' }],
  ])('of %s: only what the client has seen is taken back', async (resource, body) => {
    const { headers } = await api.post(`/v1/${resource}`, body);
    const path = headers.get('location')!;
    const etag = (await api.get(path)).headers.get('etag')!;
    const problem = expectProblem(
      await api.delete(path, { 'if-match': '"another", W/"weak"' }),
      412,
      'precondition_failed',
    );
    expect(problem.errors?.[0]).toMatchObject({ field: 'If-Match', value: '"another", W/"weak"' });
    const malformed = await api.delete(path, { 'if-match': 'newest, "another"' });
    expect(expectProblem(malformed, 400, 'invalid_request').errors).toEqual([
      { field: 'If-Match', value: 'newest, "another"', expected: expect.stringContaining('ETags') },
    ]);
    expect((await api.get(path)).status).toBe(200);
    expect((await api.delete(path, { 'if-match': `"another", ${etag}` })).status).toBe(204);
  });

  test('of what changed after it was looked at is refused', async () => {
    const { id, updatedAt } = await newKey();
    const { apiKeys } = api.store.storage;
    const revocation = { keyId: id, at: new Date(Date.now() + 1), updatedAt };
    expect(await apiKeys.revoke(api.store.actor, revocation)).toBe(true);
    expect(await apiKeys.revoke(api.store.actor, revocation)).toBe(false);
  });
});
