import { randomBytes, randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import http from 'node:http';
import type { Upload } from '#contracts';
import { createLogger } from '#runtime';
import { waitUntil } from '#testkit';
import { sendPart, sha256, uploadFile } from '../testing/upload-file.js';
import { expectProblem, startTestApi, type TestApi } from '../testing/test-api.js';

let api: TestApi;
let errors = '';
beforeAll(async () => {
  const stream = { write: (line: string) => void (errors += line) };
  api = await startTestApi({ logger: createLogger('api', 'error', stream) });
});
afterAll(() => api.close());

const as = (key: string) => ({ authorization: `Bearer ${key}` });
const begin = (content: Uint8Array, headers = {}) =>
  api.post<Upload>('/v1/uploads', { digest: sha256(content), bytes: content.length }, headers);
const partsOf = async (id: string) => (await api.store.storage.objectFiles.list(`uploads/${id}/`)).length;
const stored = async (digest: string) => Buffer.from(await api.store.storage.artifacts.read(digest));

test('a file comes whole in one part, and is the team’s from then on', async () => {
  const content = randomBytes(50_000);
  const begun = await begin(content);
  expect(begun.status).toBe(201);
  expect(begun.headers.get('location')).toBe(`/v1/uploads/${begun.body.id}`);
  expect(begun.body).toMatchObject({ offset: 0, bytes: 50_000, complete: false });
  const done = await sendPart(api, begun.body.id, 0, content);
  expect([done.status, done.headers.get('upload-offset')]).toEqual([200, '50000']);
  expect(done.body).toMatchObject({ offset: 50_000, complete: true });
  expect(await stored(sha256(content))).toEqual(content);
  const download = await api.fetch(`/v1/artifacts/${sha256(content)}`);
  expect(Buffer.from(await download.arrayBuffer())).toEqual(content);
  expect(await readdir(api.uploadFolder)).toEqual([]);
});

test('a file comes in parts, which are kept where every process finds them and go when it is whole', async () => {
  const content = randomBytes(30_000);
  const { id } = (await begin(content)).body;
  for (const [from, to] of [
    [0, 10_000],
    [10_000, 20_000],
  ] as const) {
    expect((await sendPart(api, id, from, content.subarray(from, to))).body).toMatchObject({ offset: to });
  }
  expect(await partsOf(id)).toBe(2);
  const head = await api.fetch(`/v1/uploads/${id}`, { method: 'HEAD' });
  expect([head.status, head.headers.get('upload-offset'), head.headers.get('upload-length')]).toEqual([
    ...[200, '20000', '30000'],
  ]);
  const last = await sendPart(api, id, 20_000, content.subarray(20_000));
  expect(last.body).toMatchObject({ complete: true, offset: 30_000 });
  expect(await stored(sha256(content))).toEqual(content);
  expect(await partsOf(id)).toBe(0);
});

test('of a body that breaks off what came is kept, and the client goes on from there', async () => {
  const content = randomBytes(60_000);
  const { id } = (await begin(content)).body;
  const request = http.request(`${api.url}/v1/uploads/${id}`, {
    method: 'PATCH',
    headers: {
      ...as(api.key),
      ...{ 'content-type': 'application/octet-stream', 'upload-offset': '0', 'content-length': '60000' },
    },
  });
  request.on('error', () => {}); // it is broken off below
  request.write(content.subarray(0, 25_000));
  const isWriting = async () => (await readdir(api.uploadFolder)).length > 0;
  await waitUntil('the body is being received', isWriting);
  request.destroy();
  const offset = async () => (await api.get<Upload>(`/v1/uploads/${id}`)).body.offset;
  await waitUntil('what came is kept', async () => (await offset()) > 0);
  const from = await offset();
  expect(from).toBeLessThanOrEqual(25_000);
  expect((await sendPart(api, id, from, content.subarray(from))).body).toMatchObject({ complete: true });
  expect(await stored(sha256(content))).toEqual(content);
  expect(errors).toBe('');
});

test('a part that does not begin where the last one ended is refused with the offset', async () => {
  const content = randomBytes(1000);
  const { id } = (await begin(content)).body;
  await sendPart(api, id, 0, content.subarray(0, 400));
  const refused = await sendPart(api, id, 0, content.subarray(0, 400));
  const problem = expectProblem(refused, 409, 'upload_offset_conflict');
  expect(problem.errors).toMatchObject([{ field: 'Upload-Offset', value: 0 }]);
  expect(refused.headers.get('upload-offset')).toBe('400');
});

test('of parts that are sent at the same time one is taken', async () => {
  const content = randomBytes(1000);
  const { id } = (await begin(content)).body;
  const tries = await Promise.all([1, 2, 3].map(() => sendPart(api, id, 0, content.subarray(0, 400))));
  expect(tries.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  expect(await partsOf(id)).toBe(1);
  expect((await sendPart(api, id, 400, content.subarray(400))).body.complete).toBe(true);
});

test.each([
  ['in one part', [0, 900]],
  ['in two', [0, 500, 900]],
])('content of another digest that comes %s is refused and thrown away', async (_how, offsets) => {
  const content = randomBytes(900);
  const { id } = (await begin(randomBytes(900))).body;
  const answers = [];
  for (let i = 1; i < offsets.length; i++)
    answers.push(await sendPart(api, id, offsets[i - 1]!, content.subarray(offsets[i - 1], offsets[i])));
  expectProblem(answers.at(-1)!, 422, 'upload_corrupt');
  expectProblem(await api.get(`/v1/uploads/${id}`), 404, 'not_found');
  expect(await api.store.storage.artifacts.find(sha256(content))).toBeUndefined();
  expect(await partsOf(id)).toBe(0);
});

test('what is too much, too large or no offset is refused by name', async () => {
  const { id } = (await begin(randomBytes(10))).body;
  const long = await sendPart(api, id, 0, randomBytes(11));
  expect(expectProblem(long, 400, 'invalid_request').errors).toMatchObject([{ field: 'body' }]);
  for (const offset of ['-1', 'x', '1.5'])
    expectProblem(await sendPart(api, id, offset, randomBytes(1)), 400, 'invalid_request');
  const large = await api.post('/v1/uploads', { digest: '0'.repeat(64), bytes: 64 * 1024 + 1 });
  expect(expectProblem(large, 413, 'payload_too_large').errors).toMatchObject([{ field: 'bytes' }]);
  expectProblem(await api.post('/v1/uploads', { digest: 'x', bytes: 0 }), 400, 'invalid_request');
  const json = await api.patch(`/v1/uploads/${id}`, {}, { 'upload-offset': '0' });
  expectProblem(json, 415, 'unsupported_media_type');
  expect((await api.get<Upload>(`/v1/uploads/${id}`)).body.offset).toBe(0);
});

test('a file that the team has need not be sent; one that only others have must be', async () => {
  const content = randomBytes(2000);
  const theirKey = await api.keyOf(api.store.stranger, 'member');
  await uploadFile(api, content, as(theirKey));
  const mine = await begin(content);
  expect(mine.body).toMatchObject({ complete: false, offset: 0 });
  expectProblem(await api.get(`/v1/artifacts/${sha256(content)}`), 404, 'not_found');
  await sendPart(api, mine.body.id, 0, content);
  expect((await begin(content)).body).toMatchObject({ complete: true, offset: 2000 });
  const wrong = await api.post('/v1/uploads', { digest: sha256(content), bytes: 1999 });
  expect(expectProblem(wrong, 400, 'invalid_request').errors).toMatchObject([{ field: 'bytes' }]);
});

test('who announces a file again goes on with the upload that was begun', async () => {
  const content = randomBytes(1000);
  const { id } = (await begin(content)).body;
  await sendPart(api, id, 0, content.subarray(0, 300));
  const again = await begin(content);
  expect([again.status, again.body.id, again.body.offset]).toEqual([200, id, 300]);
  const key = { 'idempotency-key': randomUUID() };
  const first = await begin(randomBytes(5), key);
  expect(first.status).toBe(201);
});

test('an upload that was given up is gone with its parts, and belongs to its team', async () => {
  const content = randomBytes(1000);
  const { id } = (await begin(content)).body;
  await sendPart(api, id, 0, content.subarray(0, 300));
  const theirs = as(await api.keyOf(api.store.stranger, 'member'));
  expectProblem(await api.get(`/v1/uploads/${id}`, theirs), 404, 'not_found');
  expectProblem(await sendPart(api, id, 300, content.subarray(300), theirs), 404, 'not_found');
  expect((await api.delete(`/v1/uploads/${id}`)).status).toBe(204);
  expectProblem(await api.get(`/v1/uploads/${id}`), 404, 'not_found');
  expect(await partsOf(id)).toBe(0);
});
