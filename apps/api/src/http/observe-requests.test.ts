import { once } from 'node:events';
import http from 'node:http';
import { createLogger } from '#runtime';
import { waitUntil } from '#testkit';
import { expectProblem, startTestApi, type TestApi } from '../testing/test-api.js';

const UNKNOWN = '00000000-0000-4000-8000-00000000000f';
const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

let log = '';
let api: TestApi;
beforeAll(async () => {
  const logger = createLogger('api', 'debug', { write: (line: string) => void (log += line) });
  api = await startTestApi({ logger });
});
afterAll(() => api.close());
beforeEach(() => void (log = ''));

const lines = () =>
  log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
/** The line about a request, which comes when its answer is out. */
const access = (path: string) =>
  waitUntil(`the line about ${path}`, () => lines().find((line) => line['path'] === path && 'ms' in line));

describe('the id of a request', () => {
  test('is made, and answered in the header and in problems', async () => {
    const answer = await api.get(`/v1/devices/${UNKNOWN}`);
    const id = answer.headers.get('x-request-id');
    expect(id).toMatch(UUID);
    expect(expectProblem(answer, 404, 'not_found').requestId).toBe(id);
    expect(await access(`/v1/devices/${UNKNOWN}`)).toMatchObject({ requestId: id });
  });

  test('is the one that the client names', async () => {
    const answer = await api.get('/v1/devices', { 'x-request-id': 'build-17:step.3' });
    expect(answer.headers.get('x-request-id')).toBe('build-17:step.3');
    expect(await access('/v1/devices')).toMatchObject({ requestId: 'build-17:step.3' });
  });

  test.each(['two words', '{"level":60}', 'x'.repeat(129), '-', 'naïve'])('is none of: %s', async (given) => {
    const headers = { 'x-request-id': Buffer.from(given).toString('latin1') };
    const answer = await api.get('/v1/devices', headers);
    expect(answer.headers.get('x-request-id')).toMatch(UUID);
  });

  test('is there for what is refused before any route is found', async () => {
    const init = { method: 'POST', body: '{"name":', headers: { 'content-type': 'application/json' } };
    const answer = await fetch(`${api.url}/v1/devices`, init);
    const { requestId } = (await answer.json()) as { requestId: string };
    expect(requestId).toBe(answer.headers.get('x-request-id'));
  });
});

describe('the line about a request', () => {
  test('has method, route, status and time, and no query', async () => {
    await api.get('/v1/jobs?limit=1&owner=hunter2');
    expect(await access('/v1/jobs')).toMatchObject({
      ...{ level: 30, method: 'GET', route: '/v1/jobs', status: 200, ms: expect.any(Number) },
      msg: 'GET /v1/jobs 200',
    });
    expect(log).not.toContain('hunter2');
  });

  test('names the job that it is about', async () => {
    await api.get(`/v1/jobs/${UNKNOWN}`);
    expect(await access(`/v1/jobs/${UNKNOWN}`)).toMatchObject({ route: '/v1/jobs/:id', jobId: UNKNOWN });
  });

  test('has neither headers nor bodies', async () => {
    const body = { name: 'hunter2-device', operatingPoints: [] };
    await api.post('/v1/devices', body, { authorization: 'Bearer hunter2hunter2', cookie: 'a=hunter2' });
    await access('/v1/devices');
    expect(log).not.toContain('hunter2');
  });

  test.each(['/health/live', '/metrics'])('of %s is for debugging', async (path) => {
    await api.get(path);
    expect(await access(path)).toMatchObject({ level: 20 });
  });

  test('is an error where the service failed, as the line about the failure, and both have the id', async () => {
    const { devices } = api.service;
    const get = devices.get.bind(devices);
    devices.get = () => Promise.reject(new Error('broken'));
    try {
      const { body } = await api.get(`/v1/devices/${UNKNOWN}`);
      expect(await access(`/v1/devices/${UNKNOWN}`)).toMatchObject({ level: 50, status: 500 });
      const errors = lines().filter(({ level }) => level === 50);
      expect(errors.map(({ requestId }) => requestId)).toEqual([body.requestId, body.requestId]);
      expect(errors[0]).toMatchObject({ err: { message: 'broken' }, instance: body.instance });
    } finally {
      devices.get = get;
    }
  });

  test('tells of a client that left before there was an answer', async () => {
    const { devices } = api.service;
    const get = devices.get.bind(devices);
    let answer: (() => void) | undefined;
    devices.get = (...args) => new Promise((resolve) => (answer = () => resolve(get(...args))));
    try {
      const request = http
        .get(`${api.url}/v1/devices/${UNKNOWN}`, { headers: { authorization: `Bearer ${api.key}` } })
        .on('error', () => {});
      await once(request, 'finish');
      await waitUntil('the request is being answered', () => answer !== undefined);
      request.destroy();
      expect(await access(`/v1/devices/${UNKNOWN}`)).toMatchObject({
        msg: `GET /v1/devices/${UNKNOWN} was left`,
      });
    } finally {
      answer?.();
      devices.get = get;
    }
  });
});
