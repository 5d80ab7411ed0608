import { rm } from 'node:fs/promises';
import { AppError } from '#contracts';
import { aBundleFile } from '../../testing/a-bundle.js';
import { startTestApi, type TestApi } from '../../testing/test-api.js';
import { sha256 } from '../../testing/upload-file.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const FILES = '/api/2.0/mlflow-artifacts/artifacts';
const put = async (path: string, body: string | Uint8Array<ArrayBuffer>) => {
  const headers = { 'content-type': 'application/octet-stream' };
  const { status } = await api.fetch(`${FILES}/${path}`, { method: 'PUT', body, headers });
  expect(status).toBe(200);
};

const OF_FILE = ['accept-ranges', 'repr-digest', 'content-digest', 'content-disposition'];
const headersOfFile = (headers: Headers) => OF_FILE.filter((name) => headers.has(name));

test.each<Record<string, string>>([{}, { range: 'bytes=0-3' }])(
  'a lost file is answered without what describes it: %j',
  async (headers) => {
    const content = Buffer.from(aBundleFile(1));
    await put('lost.bundle', content);
    await rm(api.store.artifactFile(sha256(content)));
    const answer = await api.get(`${FILES}/lost.bundle`, headers);
    expect([answer.status, answer.body.error_code]).toEqual([404, 'RESOURCE_DOES_NOT_EXIST']);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect([headersOfFile(answer.headers), answer.headers.get('content-range')]).toEqual([[], null]);
  },
);

test('a range outside of a file is answered with how long it is, and nothing else of it', async () => {
  await put('short.txt', 'words');
  const { status, headers, body } = await api.get(`${FILES}/short.txt`, { range: 'bytes=5-' });
  expect([status, body.error_code, headers.get('content-range')]).toEqual([416, 'BAD_REQUEST', 'bytes */5']);
  expect(headersOfFile(headers)).toEqual([]);
});

test('a file that says nothing of its length is too large, and no other error', async () => {
  const content = new Blob([Buffer.alloc(70 * 1024)]).stream();
  const headers = { 'content-type': 'application/octet-stream' };
  const init = { method: 'PUT', headers, body: content, duplex: 'half' } as RequestInit;
  const response = await api.fetch(`${FILES}/chunked`, init);
  expect([response.status, await response.json()]).toEqual([
    413,
    { error_code: 'BAD_REQUEST', message: 'the file is larger: expected at most 65536 bytes' },
  ]);
});

test.each(['models/x/1/MLmodel', `sha256/${'0'.repeat(64)}`, 'sha256/a.bundle'])(
  'nothing is put where sources of versions find something else: %s',
  async (path) => {
    const headers = { 'content-type': 'application/octet-stream' };
    const response = await api.fetch(`${FILES}/${path}`, { method: 'PUT', body: 'words', headers });
    expect([response.status, await response.json()]).toEqual([
      400,
      {
        error_code: 'INVALID_PARAMETER_VALUE',
        message: expect.stringContaining(`path is "${path}": expected`),
      },
    ]);
  },
);

test.each([
  ['unexpected', new Error('hunter2')],
  ['with the stack of a thread', new AppError('internal', 'Error: hunter2\n    at /srv/thread.js:1:2')],
])('an error inside the service is told by the request id alone: %s', async (_, error) => {
  const { registry } = api.service;
  const model = registry.model.bind(registry);
  registry.model = () => Promise.reject(error);
  try {
    const path = '/api/2.0/mlflow/registered-models/get?name=digits';
    const { status, body } = await api.get(path, { 'x-request-id': 'my-request' });
    const message = 'an unexpected error; the service log has it under the request id my-request';
    expect([status, body]).toEqual([500, { error_code: 'INTERNAL_ERROR', message }]);
  } finally {
    registry.model = model;
  }
});
