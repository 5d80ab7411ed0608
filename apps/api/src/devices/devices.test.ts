import type { Device } from '#contracts';
import { expectProblem, startTestApi, type TestApi } from '../testing/test-api.js';

const deviceNamed = (name: string) => ({ name, operatingPoints: [{ name: 'fast', cpuHz: 2e9 }] });

let api: TestApi;
beforeAll(async () => void (api = await startTestApi()));
afterAll(() => api.close());

test('registers a device, says where it is and gives it back', async () => {
  const created = await api.post<Device>('/v1/devices', deviceNamed('first'));
  expect(created.status).toBe(201);
  expect(created.body).toMatchObject({ ...deviceNamed('first'), labels: {}, teamId: api.store.actor.teamId });
  const location = created.headers.get('location')!;
  expect(location).toBe(`/v1/devices/${created.body.id}`);
  expect((await api.get(location)).body).toEqual(created.body);
});

test('refuses a second device of the same name', async () => {
  await api.post('/v1/devices', deviceNamed('twice'));
  expectProblem(await api.post('/v1/devices', deviceNamed('twice')), 409, 'already_exists');
});

test('pages through devices, newest first, each of them once', async () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  for (const name of names) await api.post('/v1/devices', deviceNamed(name));
  const seen: string[] = [];
  let cursor = '';
  do {
    const { body } = await api.get(`/v1/devices?limit=2${cursor}`);
    seen.push(...body.items.map((device: Device) => device.name));
    cursor = body.nextCursor === undefined ? '' : `&cursor=${body.nextCursor}`;
  } while (cursor !== '');
  expect(seen.slice(0, names.length)).toEqual(names.reverse());
  expect(new Set(seen).size).toBe(seen.length);
});

describe('filters of the list', () => {
  const list = (query: string) => api.get(`/v1/devices?${query}`);
  const names = async (query: string) => {
    const { status, body } = await list(query);
    expect([status, body]).toEqual([200, expect.anything()]);
    return body.items.map((device: Device) => device.name) as string[];
  };

  beforeAll(async () => {
    await api.post('/v1/devices', { ...deviceNamed('lab-1'), labels: { lab: 'north', rack: '7=a' } });
    await api.post('/v1/devices', { ...deviceNamed('lab-2'), labels: { lab: 'north' } });
  });

  test('are owner, part of the name, and labels of which all must match', async () => {
    const { owner } = api.store.actor;
    expect(await names('label=lab=north')).toEqual(['lab-2', 'lab-1']);
    expect(await names('label=lab=north&label=rack=7=a')).toEqual(['lab-1']);
    expect(await names('label=lab=north&label=lab=south')).toEqual([]);
    expect(await names(`name=b-2&owner=${encodeURIComponent(owner)}`)).toEqual(['lab-2']);
    expect(await names('name=b-2&owner=nobody')).toEqual([]);
  });

  test('stay the same from page to page', async () => {
    const { body } = await list('label=lab=north&limit=1');
    expect(await names(`label=lab=north&limit=1&cursor=${body.nextCursor}`)).toEqual(['lab-1']);
  });

  test.each([
    ['label=north', 'label', 'north', /^KEY=VALUE/],
    ['label==north', 'label', '=north', /^KEY=VALUE with a key of 1 to 63/],
    ['label=lab=north&label=south', 'label[1]', 'south', /^KEY=VALUE/],
    [`label=lab=${'x'.repeat(256)}`, 'label', expect.stringContaining('xx…'), /at most 255/],
    ['name=Phone%25', 'name', 'Phone%', /^1 to 63 of a-z/],
    ['owner=', 'owner', '', /at least 1 character/],
  ])('are refused as %s', async (query, field, value, expected) => {
    const { errors } = expectProblem(await list(query), 400, 'invalid_request');
    expect(errors).toEqual([{ field, value, expected: expect.stringMatching(expected) }]);
  });
});

test('answers 304 to who has the device already', async () => {
  const { headers } = await api.post('/v1/devices', deviceNamed('cached'));
  const location = headers.get('location')!;
  const etag = (await api.get(location)).headers.get('etag')!;
  expect(etag).toMatch(/^"/);
  expect((await api.get(location, { 'if-none-match': etag })).status).toBe(304);
});

describe('with an Idempotency-Key', () => {
  const send = (name: string, key: string) =>
    api.post<Device>('/v1/devices', deviceNamed(name), { 'idempotency-key': key });
  const named = async (name: string) => {
    const { body } = await api.get('/v1/devices?limit=200');
    return body.items.filter((device: Device) => device.name === name).length as number;
  };

  test('the same request gets the same answer and creates nothing', async () => {
    const first = await send('same', 'same');
    const again = await send('same', 'same');
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await named('same')).toBe(1);
  });

  test('the order of fields makes no other request', async () => {
    const { name, operatingPoints } = deviceNamed('ordered');
    const first = await send('ordered', 'ordered');
    const again = await api.post('/v1/devices', { operatingPoints, name }, { 'idempotency-key': 'ordered' });
    expect(again.body).toEqual(first.body);
  });

  test('another body, or another route, is refused', async () => {
    await send('phone', 'used');
    const problem = expectProblem(await send('tablet', 'used'), 422, 'idempotency_key_reused');
    expect(problem.errors?.[0]?.field).toBe('Idempotency-Key');
    const elsewhere = await api.post('/v1/jobs', deviceNamed('phone'), { 'idempotency-key': 'used' });
    expectProblem(elsewhere, 422, 'idempotency_key_reused');
    expect(await named('tablet')).toBe(0);
  });

  test('what was refused may be sent again with the key, mended', async () => {
    expectProblem(await send('NO NAME', 'mended'), 400, 'invalid_request');
    expect((await send('mended', 'mended')).status).toBe(201);
  });

  test('requests at the same time create one device', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => send('raced', 'raced')));
    const created = answers.filter((answer) => answer.status === 201);
    expect(new Set(created.map((answer) => answer.body.id)).size).toBe(1);
    for (const answer of answers) {
      if (answer.status !== 201) expectProblem(answer, 409, 'request_in_progress');
    }
    expect(await named('raced')).toBe(1);
  });

  test('a key that cannot be one is refused', async () => {
    const problem = expectProblem(await send('phone', 'two words'), 400, 'invalid_request');
    expect(problem.errors).toEqual([
      { field: 'Idempotency-Key', value: 'two words', expected: expect.stringContaining('ASCII') },
    ]);
  });
});
