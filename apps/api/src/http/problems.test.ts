import { HttpException } from '@nestjs/common';
import { AppError, ERROR_CODES } from '#contracts';
import { expectProblem, startTestApi, type TestApi } from '../testing/test-api.js';
import { PROBLEM_STATUS } from './problem-status.js';

const UNKNOWN = '00000000-0000-4000-8000-00000000000f';
const points = [{ name: 'fast', cpuHz: 2e9 }];

let api: TestApi;
beforeAll(async () => void (api = await startTestApi()));
afterAll(() => api.close());

test('every error code has an HTTP status, and it is an error', () => {
  expect(Object.keys(PROBLEM_STATUS).sort()).toEqual(Object.keys(ERROR_CODES).sort());
  for (const status of Object.values(PROBLEM_STATUS)) expect(status).toBeGreaterThanOrEqual(400);
});

describe('bad input names the field, the value and what was expected', () => {
  test.each<[string, string, unknown, { field: string; value?: unknown; expected: RegExp }]>([
    ['a missing field', '/v1/devices', { operatingPoints: points }, { field: 'name', expected: /string/ }],
    [
      'a wrong type in a list',
      '/v1/devices',
      { name: 'd', operatingPoints: [{ name: 'fast', cpuHz: '2e9' }] },
      { field: 'operatingPoints[0].cpuHz', value: '2e9', expected: /number/ },
    ],
    [
      'a number out of bounds',
      '/v1/jobs',
      { model: 'm', network: { family: 'resnet', depth: 8 }, datasetId: UNKNOWN, ratios: [0, 1.5] },
      { field: 'ratios[1]', value: 1.5, expected: /0\.95/ },
    ],
    [
      'none of the alternatives',
      '/v1/jobs',
      { model: 'm', network: { family: 'resnet', depth: 9 }, datasetId: UNKNOWN, ratios: [0] },
      { field: 'network.depth', value: 9, expected: /one of 8, 14, 20, 32, 44, 56/ },
    ],
    [
      'neither of two fields',
      '/v1/jobs',
      { model: 'm', network: { family: 'resnet', depth: 8 }, datasetId: UNKNOWN },
      { field: 'ratios', expected: /exactly one of ratios, calibrationId and profile/ },
    ],
    [
      'an unknown kind',
      '/v1/datasets',
      { name: 'd', source: { kind: 'ftp' } },
      { field: 'source.kind', value: 'ftp', expected: /one of "path", "folder", "mnist"/ },
    ],
    [
      'a path that is relative',
      '/v1/datasets',
      {
        name: 'd',
        source: { kind: 'path', trainImages: 'a', trainLabels: '/b', testImages: '/c', testLabels: '/d' },
      },
      { field: 'source.trainImages', value: 'a', expected: /^an absolute path$/ },
    ],
    [
      'a field too many',
      '/v1/devices',
      { name: 'd', operatingPoints: points, colour: 'red' },
      { field: 'colour', value: 'red', expected: /no field of this name/ },
    ],
    [
      'an id that is none',
      '/v1/calibrations',
      { latencyTableId: 'x' },
      { field: 'latencyTableId', value: 'x', expected: /uuid/ },
    ],
    [
      'text that no database stores',
      '/v1/devices',
      { name: 'd', soc: 'a\0b', operatingPoints: points },
      { field: 'soc', value: 'a\0b', expected: /U\+0000/ },
    ],
    [
      'a reference to what is not there',
      '/v1/measuring-tasks',
      {
        deviceId: UNKNOWN,
        network: { family: 'resnet', depth: 8 },
        input: { channels: 1, height: 28, width: 28 },
        classes: 10,
        ratios: [0],
      },
      { field: 'deviceId', value: UNKNOWN, expected: /id of a device/ },
    ],
    ['no body', '/v1/devices', undefined, { field: 'name', expected: /string/ }],
  ])('%s', async (_case, path, body, { field, value, expected }) => {
    const problem = expectProblem(await api.post(path, body), 400, 'invalid_request');
    const error = problem.errors?.find((e) => e.field === field);
    expect(error).toEqual({
      field,
      ...(value === undefined ? {} : { value }),
      expected: expect.stringMatching(expected),
    });
    expect(problem.detail).toContain(typeof value === 'string' && value.length > 30 ? value : field);
    expect(problem.fault).toBe('user');
  });

  test('in a query', async () => {
    const problem = expectProblem(await api.get('/v1/devices?limit=1000'), 400, 'invalid_request');
    expect(problem.errors).toEqual([
      { field: 'limit', value: '1000', expected: expect.stringContaining('200') },
    ]);
    const unknown = expectProblem(await api.get('/v1/jobs?status=failed'), 400, 'invalid_request');
    const expected =
      'one of the parameters limit, cursor, state, model, owner, label, createdFrom, createdBefore';
    expect(unknown.errors).toEqual([{ field: 'status', value: 'failed', expected }]);
    expect(unknown.detail).toBe(`status is "failed": expected ${expected}`);
    expectProblem(await api.get('/v1/jobs?state=asleep'), 400, 'invalid_request');
    expectProblem(await api.get('/v1/devices?cursor=nonsense'), 400, 'invalid_request');
  });

  test('and stores nothing', async () => {
    for (const path of ['/v1/devices', '/v1/datasets', '/v1/jobs', '/v1/measuring-tasks']) {
      expect((await api.get(path)).body).toEqual({ items: [] });
    }
  });

  test('long values are not sent back whole', async () => {
    const body = { name: 'x'.repeat(10_000), operatingPoints: Array(500).fill(points[0]) };
    const problem = expectProblem(await api.post('/v1/devices', body), 400, 'invalid_request');
    expect(JSON.stringify(problem).length).toBeLessThan(2_000);
  });
});

describe('what is not there', () => {
  test.each([
    `/v1/devices/${UNKNOWN}`,
    '/v1/devices/no-uuid',
    `/v1/devices/${UNKNOWN}/latency-tables`,
    `/v1/measuring-tasks/${UNKNOWN}`,
    `/v1/latency-tables/${UNKNOWN}`,
    `/v1/calibrations/${UNKNOWN}`,
    `/v1/datasets/${UNKNOWN}`,
    `/v1/jobs/${UNKNOWN}`,
    `/v1/jobs/${UNKNOWN}/events`,
    '/v1/models/unknown',
    '/v1/models/NO NAME',
    '/v1/models/unknown/versions/1',
    '/v1/models/unknown/versions/99999999999',
    '/v1/models/unknown/versions/one/bundle',
    `/v1/artifacts/${'0'.repeat(64)}`,
    '/v1/artifacts/..%2F..%2Fetc%2Fpasswd',
    '/no/such/route',
  ])('%s answers 404', async (path) => {
    expectProblem(await api.get(path), 404, 'not_found');
  });
});

describe('what cannot be done to a path', () => {
  test.each<[string, string, string]>([
    ['DELETE', '/v1/devices', 'GET, HEAD, POST'],
    ['DELETE', `/v1/jobs/${UNKNOWN}`, 'GET, HEAD'],
    ['GET', `/v1/jobs/${UNKNOWN}/cancel/`, 'POST'],
    ['PUT', '/V1/Jobs/no-uuid/events', 'GET, HEAD'],
    ['POST', '/', 'GET, HEAD'],
  ])('%s %s answers 405 with what can', async (method, path, allowed) => {
    const response = await api.fetch(path, { method });
    const answer = { status: response.status, headers: response.headers, body: await response.json() };
    const problem = expectProblem(answer, 405, 'method_not_allowed');
    expect(response.headers.get('allow')).toBe(allowed);
    const expected = allowed.replaceAll(', ', ' or ');
    expect(problem.errors).toEqual([{ field: 'method', value: method, expected }]);
  });
});

test('the root tells where everything is', async () => {
  const { body } = await api.get('/', { authorization: '' });
  expect(body).toMatchObject({ name: 'Isochron', version: expect.stringMatching(/^\d/), api: '/v1' });
  for (const path of [body.openapi, body.health]) expect((await api.get(path)).status).toBe(200);
});

describe('what the framework refuses is a problem too', () => {
  const post = async (body: string, type: string) => {
    const response = await api.fetch(`${api.url}/v1/devices`, {
      method: 'POST',
      body,
      headers: { 'content-type': type },
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };

  test('JSON that is none', async () => {
    const problem = expectProblem(await post('{"name":', 'application/json'), 400, 'invalid_request');
    expect(problem.detail).toMatch(/not valid JSON/);
  });

  test('a body that is too large', async () => {
    const large = await post(`"${'x'.repeat(5e6)}"`, 'application/json');
    const problem = expectProblem(large, 413, 'payload_too_large');
    expect(problem.errors).toEqual([{ field: 'body', expected: 'at most 4194304 bytes' }]);
  });

  test('a body of another media type', async () => {
    const problem = expectProblem(
      await post('name=d', 'application/x-www-form-urlencoded'),
      415,
      'unsupported_media_type',
    );
    expect(problem.detail).toMatch(/application\/json/);
    expectProblem(await post('--x--', 'multipart/form-data; boundary=x'), 415, 'unsupported_media_type');
  });

  test('a body of no type, but not one that is empty', async () => {
    const url = `${api.url}/v1/jobs/${UNKNOWN}/cancel`;
    const cancel = async (headers: Record<string, string>, body?: Uint8Array<ArrayBuffer>) =>
      (await api.fetch(url, { method: 'POST', headers, body })).status;
    expect(await cancel({}, new TextEncoder().encode('now'))).toBe(415);
    expect(await cancel({ 'content-length': '0' })).toBe(404);
  });

  test('a path that cannot be decoded', async () => {
    expectProblem(await api.get('/v1/devices/%FF'), 400, 'invalid_request');
  });
});

test.each([
  ['an unexpected error', new Error('password is hunter2')],
  [
    'an error with the stack of a thread',
    new AppError('internal', 'Error: hunter2\n    at /srv/thread.js:1:2'),
  ],
  ['an error of the framework', new HttpException('hunter2', 507)],
])('%s hides its detail from the client, and says where the log has it', async (_, error) => {
  const { devices } = api.service;
  const get = devices.get.bind(devices);
  devices.get = () => Promise.reject(error);
  try {
    const headers = { 'x-request-id': 'my-request' };
    const problem = expectProblem(await api.get(`/v1/devices/${UNKNOWN}`, headers), 500, 'internal');
    expect(JSON.stringify(problem)).not.toMatch(/hunter2|thread\.js/);
    expect(problem.detail).toBe(
      'an unexpected error; the service log has it under the request id my-request',
    );
    expect(problem.fault).toBe('infrastructure');
  } finally {
    devices.get = get;
  }
});
