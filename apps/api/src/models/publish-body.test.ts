import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { waitUntil } from '#testkit';
import type { ModelVersion } from '#contracts';
import { aBundleFile, BUNDLE_NETWORK } from '../testing/a-bundle.js';
import { sha256, uploadFile } from '../testing/upload-file.js';
import { expectProblem, startTestApi, type Answer, type TestApi } from '../testing/test-api.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
  await api.post('/v1/models', { name: 'digits' });
});
afterEach(async () => expect(await readdir(api.uploadFolder)).toEqual([]));
afterAll(() => api.close());

async function publish(
  file: Uint8Array,
  headers: Record<string, string> = {},
  query = '',
  model = 'digits',
): Promise<Answer<ModelVersion>> {
  const response = await api.fetch(`/v1/models/${model}/versions${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream', ...headers },
    body: Buffer.from(file),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as ModelVersion,
  };
}

const digestField = (file: Uint8Array) => `sha-256=:${createHash('sha256').update(file).digest('base64')}:`;
const versionsOf = async (model: string) => (await api.get(`/v1/models/${model}/versions`)).body.items;

test('a bundle that is the body is a version, described by the query', async () => {
  const file = aBundleFile(1, { network: BUNDLE_NETWORK });
  const parent = await publish(aBundleFile(2));
  const query = '?description=brought&tag=from:lab&tag=run:7&parentVersion=digits/1';
  const headers = { 'content-type': 'application/vnd.safetensors', 'repr-digest': digestField(file) };
  const { status, headers: answered, body } = await publish(file, headers, query);
  expect([status, answered.get('location')]).toEqual([201, '/v1/models/digits/versions/2']);
  expect(body).toMatchObject({
    ...{ version: 2, source: 'upload', description: 'brought', tags: { from: 'lab', run: '7' } },
    bundle: { digest: sha256(file), bytes: file.length },
    network: BUNDLE_NETWORK,
    lineage: { parent: { model: 'digits', version: 1, versionId: parent.body.id } },
  });
  const download = await api.fetch(body.bundle.url);
  expect(Buffer.from(await download.arrayBuffer()).equals(file)).toBe(true);
});

test('it is the team’s file, as one that was uploaded: the same version, and nothing to upload again', async () => {
  const file = aBundleFile(3);
  const first = await publish(file);
  expect((await publish(file)).body).toEqual(first.body);
  const announced = { digest: sha256(file), bytes: file.length };
  expect((await api.post('/v1/uploads', announced)).body).toMatchObject({ complete: true });
  const again = await api.post('/v1/models/digits/versions', { digest: await uploadFile(api, file) });
  expect([again.status, again.body]).toEqual([200, first.body]);
});

test('many at once give one version of each bundle', async () => {
  await api.post('/v1/models', { name: 'crowd' });
  const files = [10, 11, 12].map((seed) => aBundleFile(seed));
  const answers = await Promise.all(
    files.flatMap((file) => [1, 2, 3].map(() => publish(file, {}, '', 'crowd'))),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(6);
  const digests = (await versionsOf('crowd')).map(({ bundle }: ModelVersion) => bundle.digest);
  expect(digests.sort()).toEqual(files.map(sha256).sort());
});

test('an Idempotency-Key replays for the same bundle, and refuses another or another description', async () => {
  const headers = { 'idempotency-key': 'publish-1' };
  const file = aBundleFile(4);
  const first = await publish(file, headers);
  const again = await publish(file, headers);
  expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([201, 'true']);
  expect(again.body).toEqual(first.body);
  expectProblem(await publish(aBundleFile(5), headers), 422, 'idempotency_key_reused');
  expectProblem(await publish(file, headers, '?description=x'), 422, 'idempotency_key_reused');
});

test('what is no bundle, or not the one that its digest says, is refused and not kept', async () => {
  const before = await versionsOf('digits');
  const altered = aBundleFile(6);
  altered[altered.length - 1]! ^= 1;
  for (const [file, fault] of [
    [randomBytes(3000), 'the header should end'],
    [altered, 'it was altered'],
    [aBundleFile(7).subarray(0, 6000), 'tensor'],
    [aBundleFile(8, {}, 0.97), 'ratios[0].ratio'],
  ] as const) {
    const problem = expectProblem(await publish(file), 400, 'bundle_unreadable');
    expect(problem.detail).toContain(fault);
    expect(await api.store.storage.artifacts.find(sha256(file))).toBeUndefined();
  }
  const sent = aBundleFile(9);
  for (const field of ['repr-digest', 'content-digest']) {
    const wrong = await publish(sent, { [field]: digestField(randomBytes(9)) });
    expect(expectProblem(wrong, 422, 'upload_corrupt').detail).toContain(sha256(sent));
  }
  expectProblem(await publish(sent, { 'repr-digest': 'sha-256=:abc:' }), 400, 'invalid_request');
  expect(await api.store.storage.artifacts.find(sha256(sent))).toBeUndefined();
  expect(await versionsOf('digits')).toEqual(before);
});

test('a request that cannot succeed is refused, naming what is wrong', async () => {
  const file = aBundleFile(20);
  expectProblem(await publish(file, {}, '', 'nobody'), 404, 'not_found');
  const foreign = { authorization: `Bearer ${await api.keyOf(api.store.stranger, 'member')}` };
  expectProblem(await publish(file, foreign), 404, 'not_found');
  const viewer = { authorization: `Bearer ${await api.keyOf(api.store.actor, 'viewer')}` };
  expectProblem(await publish(file, viewer), 403, 'forbidden');
  const fieldOf = async (query: string) =>
    expectProblem(await publish(file, {}, query), 400, 'invalid_request').errors![0]!.field;
  expect(await fieldOf('?parentVersion=digits')).toBe('parentVersion');
  expect(await fieldOf('?parentVersion=digits/99')).toBe('parentVersion');
  expect(await fieldOf('?tag=from')).toBe('tag');
  expect(await fieldOf('?name=digits')).toContain('name');
  expectProblem(await publish(randomBytes(70_000)), 413, 'payload_too_large');
  expectProblem(await publish(file, { 'content-type': 'text/plain' }), 415, 'unsupported_media_type');
});

test('of a body that breaks off nothing stays', async () => {
  const before = await versionsOf('digits');
  const { hostname, port } = new URL(api.url);
  const socket = connect(Number(port), hostname);
  socket.write(
    `POST /v1/models/digits/versions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${api.key}\r\n` +
      'content-type: application/octet-stream\r\ncontent-length: 60000\r\n\r\n',
  );
  socket.write(Buffer.from(aBundleFile(21)).subarray(0, 3000));
  await waitUntil('the body', async () => (await readdir(api.uploadFolder)).length === 1);
  socket.destroy();
  await waitUntil('its removal', async () => (await readdir(api.uploadFolder)).length === 0);
  expect(await versionsOf('digits')).toEqual(before);
});
