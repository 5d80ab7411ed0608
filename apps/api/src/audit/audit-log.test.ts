import { randomUUID } from 'node:crypto';
import type { AuditEntry, EnrolledDevice, NewApiKey } from '#contracts';
import { expectProblem, startTestApi, type TestApi } from '../testing/test-api.js';

let api: TestApi;
beforeAll(async () => void (api = await startTestApi()));
afterAll(() => api.close());

const as = (key: string) => ({ authorization: `Bearer ${key}` });
const device = (name = `d-${randomUUID()}`) => ({ name, operatingPoints: [{ name: 'fast', cpuHz: 2e9 }] });
const log = async (query = ''): Promise<AuditEntry[]> => (await api.get(`/v1/audit-log${query}`)).body.items;
const ownKeyId = async () => (await api.get('/v1/me')).body.key.id as string;

test('has who changed what and when, before the answer is sent', async () => {
  const before = new Date().toISOString();
  const { body } = await api.post('/v1/devices', device(), { 'x-request-id': 'request-7' });
  const [entry] = await log();
  expect(entry).toMatchObject({
    actor: { kind: 'api-key', id: await ownKeyId(), name: 'ada' },
    ...{ action: 'createDevice', method: 'POST', resource: body.id, status: 201, requestId: 'request-7' },
  });
  expect(entry!.createdAt >= before && entry!.createdAt <= new Date().toISOString()).toBe(true);
});

test('names a change by the id that the answer and the log have, not by one that was refused', async () => {
  const { headers } = await api.post('/v1/devices', device(), { 'x-request-id': '(forged)' });
  const [entry] = await log();
  expect(entry!.requestId).toBe(headers.get('x-request-id'));
  expect(entry!.requestId).not.toBe('(forged)');
});

test('has no reads, no refusals, no answers that are given again, and nothing that changed nothing', async () => {
  const headers = { 'idempotency-key': randomUUID() };
  const body = device();
  const made = await api.post('/v1/devices', body, headers);
  const count = (await log('?limit=200')).length;
  await api.get(`/v1/devices/${made.body.id}`);
  expect((await api.post('/v1/devices', body, headers)).headers.get('idempotency-replayed')).toBe('true');
  expectProblem(await api.post('/v1/devices', body), 409, 'already_exists');
  const lease = { deviceId: made.body.id, agent: { name: 'a', version: '1' }, waitSeconds: 0 };
  expect((await api.post('/v1/measuring-tasks/lease', lease)).status).toBe(204);
  expect(await log('?limit=200')).toHaveLength(count);
});

test('knows a device that enrolled by the key that it enrolled with, and holds no secret', async () => {
  const { body: key } = await api.post('/v1/enrolment-keys', { name: 'lab' });
  const request = { ...device(), installationId: randomUUID() };
  const { body: enrolled } = await api.post<EnrolledDevice>('/v1/enrolments', request, as(key.key));
  const { body: made } = await api.post<NewApiKey>('/v1/api-keys', { name: 'robot', role: 'viewer' });
  const entries = await log('?limit=200');
  expect(entries.find(({ action }) => action === 'enrolDevice')).toMatchObject({
    ...{ actor: { kind: 'enrolment-key', id: key.id, name: 'lab' }, resource: enrolled.id },
  });
  expect(entries.find(({ action }) => action === 'createApiKey')?.resource).toBe(made.id);
  for (const secret of [key.key, enrolled.apiKey, made.key])
    expect(JSON.stringify(entries)).not.toContain(secret);
});

test('is filtered by action, actor, resource and time, and read page by page', async () => {
  const { body: robot } = await api.post<NewApiKey>('/v1/api-keys', { name: 'filter', role: 'member' });
  const made: string[] = [];
  for (let n = 0; n < 3; n++)
    made.unshift((await api.post('/v1/devices', device(), as(robot.key))).body.id as string);
  const byRobot = `?actor=${robot.id}`;
  expect((await log(byRobot)).map(({ resource }) => resource)).toEqual(made);
  const first = await api.get(`/v1/audit-log${byRobot}&limit=2`);
  const rest = await api.get(`/v1/audit-log${byRobot}&limit=2&cursor=${first.body.nextCursor}`);
  expect([...first.body.items, ...rest.body.items].map((entry: AuditEntry) => entry.resource)).toEqual(made);
  expect(await log(`?resource=${made[0]}`)).toHaveLength(1);
  expect(await log(`${byRobot}&action=submitJob`)).toEqual([]);
  const [newest] = await log(byRobot);
  expect(await log(`${byRobot}&since=${newest!.createdAt}`)).toContainEqual(newest);
  expect(await log(`${byRobot}&until=${newest!.createdAt}`)).not.toContainEqual(newest);
  expectProblem(await api.get('/v1/audit-log?since=yesterday'), 400, 'invalid_request');
});

test('a change that cannot be logged is answered with an error', async () => {
  const { auditLog } = api.service;
  const record = auditLog.record.bind(auditLog);
  auditLog.record = () => Promise.reject(new Error('the disk is full'));
  try {
    expectProblem(await api.post('/v1/devices', device()), 500, 'internal');
  } finally {
    auditLog.record = record;
  }
});
