import { randomUUID } from 'node:crypto';
import type { EnrolledDevice, EnrolmentKey, NewEnrolmentKey } from '#contracts';
import { expectProblem, startTestApi, type TestApi } from '../testing/test-api.js';

let api: TestApi;
beforeAll(async () => void (api = await startTestApi()));
afterAll(() => api.close());

const POINTS = [{ name: 'half', emulatedCpuShare: 0.5 }];
const newKey = async (more: object = {}) => {
  const { status, body } = await api.post<NewEnrolmentKey>('/v1/enrolment-keys', {
    name: `key-${randomUUID()}`,
    ...more,
  });
  expect(status).toBe(201);
  return body;
};
const enrol = (key: string | undefined, name: string, installationId = randomUUID()) =>
  api.post<EnrolledDevice>(
    '/v1/enrolments',
    { installationId, name, operatingPoints: POINTS },
    key === undefined ? {} : { authorization: `Bearer ${key}` },
  );
const withoutKey = ({ apiKey: _, ...device }: EnrolledDevice) => device;
const stored = async ({ id }: { id: string }) =>
  (await api.get<EnrolmentKey>(`/v1/enrolment-keys/${id}`)).body;

describe('an enrolment key', () => {
  test('is told once; later its beginning alone', async () => {
    const answer = await api.post<NewEnrolmentKey>('/v1/enrolment-keys', { name: 'lab', maxUses: 3 });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const { key, ...rest } = answer.body;
    expect(key).toMatch(/^isochron_ek_[\w-]{32}$/);
    expect(rest).toMatchObject({ name: 'lab', maxUses: 3, uses: 0, prefix: key.slice(0, 18) });
    expect((await api.get(answer.headers.get('location')!)).body).toEqual(rest);
    const list = await api.get('/v1/enrolment-keys');
    expect(list.body.items).toContainEqual(rest);
    expect(JSON.stringify(list.body)).not.toContain(key);
  });

  test('has a name of its own, and good fields', async () => {
    await newKey({ name: 'twice' });
    expectProblem(await api.post('/v1/enrolment-keys', { name: 'twice' }), 409, 'already_exists');
    const problem = expectProblem(
      await api.post('/v1/enrolment-keys', { name: 'x', maxUses: 0 }),
      400,
      'invalid_request',
    );
    expect(problem.errors?.[0]).toMatchObject({ field: 'maxUses', value: 0 });
  });

  test('is of no use once it is deleted; its devices stay', async () => {
    const key = await newKey();
    const { body: device } = await enrol(key.key, 'kept');
    expect((await api.fetch(`${api.url}/v1/enrolment-keys/${key.id}`, { method: 'DELETE' })).status).toBe(
      204,
    );
    expectProblem(await enrol(key.key, 'late'), 401, 'enrolment_refused');
    expect((await api.get(`/v1/devices/${device.id}`)).body).toEqual(withoutKey(device));
    expectProblem(await api.get(`/v1/enrolment-keys/${key.id}`), 404, 'not_found');
    const again = await api.fetch(`${api.url}/v1/enrolment-keys/${key.id}`, { method: 'DELETE' });
    expect(again.status).toBe(404);
  });
});

describe('enrolment', () => {
  test('makes a device and counts a use', async () => {
    const key = await newKey();
    const answer = await enrol(key.key, 'board');
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ name: 'board', operatingPoints: POINTS, labels: {} });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect((await api.get(answer.headers.get('location')!)).body).toEqual(withoutKey(answer.body));
    expect((await stored(key)).uses).toBe(1);
  });

  test('gives the same installation the same device again, without another use', async () => {
    const key = await newKey({ maxUses: 1 });
    const installation = randomUUID();
    const first = await enrol(key.key, 'again', installation);
    const second = await enrol(key.key, 'again', installation);
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(withoutKey(second.body)).toEqual(withoutKey(first.body));
    expect((await stored(key)).uses).toBe(1);
  });

  test('asked at the same time by one installation makes one device', async () => {
    const key = await newKey();
    const installation = randomUUID();
    const answers = await Promise.all([1, 2, 3, 4].map(() => enrol(key.key, 'raced', installation)));
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect((await stored(key)).uses).toBe(1);
  });

  test('refuses the name of a device that another installation has, and counts no use', async () => {
    const key = await newKey();
    await enrol(key.key, 'taken');
    expectProblem(await enrol(key.key, 'taken'), 409, 'already_exists');
    await api.post('/v1/devices', { name: 'by-hand', operatingPoints: POINTS });
    expectProblem(await enrol(key.key, 'by-hand'), 409, 'already_exists');
    expect((await stored(key)).uses).toBe(1);
  });

  test('is refused without a key that is known, not expired and not used up', async () => {
    expectProblem(await enrol(undefined, 'none'), 401, 'enrolment_refused');
    expectProblem(await enrol('isochron_ek_unknown', 'none'), 401, 'enrolment_refused');
    const expired = await newKey({ expiresAt: '2020-01-01T00:00:00Z' });
    expect(expectProblem(await enrol(expired.key, 'none'), 401, 'enrolment_refused').detail).toContain(
      'expired',
    );
    const single = await newKey({ maxUses: 1 });
    await enrol(single.key, 'single');
    const refused = expectProblem(await enrol(single.key, 'another'), 401, 'enrolment_refused');
    expect(refused.detail).toContain('was used 1 of 1 times');
  });

  test('gives the last use to one of several devices', async () => {
    const key = await newKey({ maxUses: 1 });
    const answers = await Promise.all(['a', 'b', 'c'].map((name) => enrol(key.key, `last-${name}`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 401, 401]);
  });
});
