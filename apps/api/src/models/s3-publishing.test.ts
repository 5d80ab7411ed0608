import { readdir } from 'node:fs/promises';
import type { ModelVersion, Upload } from '#contracts';
import { testS3, type TestS3 } from '#testkit';
import { aBundleFile } from '../testing/a-bundle.js';
import { sendPart, sha256 } from '../testing/upload-file.js';
import { expectProblem, startTestApi, type TestApi } from '../testing/test-api.js';

let s3: TestS3;
let api: TestApi;
beforeAll(async () => {
  s3 = await testS3();
  api = await startTestApi({}, {}, { artifactsUrl: s3.newUrl() });
  await api.post('/v1/models', { name: 'digits' });
});
afterEach(async () => expect(await readdir(api.uploadFolder)).toEqual([]));
afterAll(async () => {
  await api.close();
  await s3.stop();
});

/** Has a bundle for its body. */
const publish = (file: Uint8Array) =>
  api.fetch('/v1/models/digits/versions', {
    method: 'POST',
    headers: { 'content-type': 'application/octet-stream' },
    body: Buffer.from(file),
  });

/** As it comes through the API, and as it lies in the bucket. */
async function expectStored({ bundle }: ModelVersion, file: Uint8Array): Promise<void> {
  expect(bundle).toMatchObject({ digest: sha256(file), bytes: file.length });
  const downloaded = Buffer.from(await (await api.fetch(bundle.url)).arrayBuffer());
  expect(downloaded.equals(file)).toBe(true);
  const { artifacts } = api.store.storage;
  expect(artifacts.kind).toBe('s3');
  expect(Buffer.from(await artifacts.read(bundle.digest)).equals(file)).toBe(true);
}

test('a bundle that is the body of its request becomes a version with its file on S3', async () => {
  const file = aBundleFile(1);
  const response = await publish(file);
  expect(response.status).toBe(201);
  const version = (await response.json()) as ModelVersion;
  await expectStored(version, file);
  const again = await publish(file);
  expect([again.status, await again.json()]).toEqual([200, version]);
});

test('a body that is no bundle leaves nothing on S3', async () => {
  const altered = aBundleFile(2);
  altered[altered.length - 1]! ^= 1;
  const response = await publish(altered);
  expect([response.status, await response.json()]).toMatchObject([400, { code: 'bundle_unreadable' }]);
  expect(await api.store.storage.artifacts.find(sha256(altered))).toBeUndefined();
});

test('a bundle that was uploaded in parts becomes a version with its file on S3, and no part is left', async () => {
  const file = aBundleFile(3);
  const digest = sha256(file);
  const begun = await api.post<Upload>('/v1/uploads', { digest, bytes: file.length });
  const { id } = begun.body;
  const half = Math.floor(file.length / 2);
  expect((await sendPart(api, id, 0, file.subarray(0, half))).body).toMatchObject({ offset: half });
  expect((await sendPart(api, id, half, file.subarray(half))).body).toMatchObject({ complete: true });
  const { status, body } = await api.post<ModelVersion>('/v1/models/digits/versions', { digest });
  expect(status).toBe(201);
  await expectStored(body, file);
  expect(await api.store.storage.objectFiles.list('')).toEqual([]);
});

test('parts that do not make what was announced are refused, and leave nothing on S3', async () => {
  const [file, other] = [aBundleFile(4), aBundleFile(5)];
  const digest = sha256(file);
  const { id } = (await api.post<Upload>('/v1/uploads', { digest, bytes: file.length })).body;
  expect((await sendPart(api, id, 0, file.subarray(0, 5000))).status).toBe(200);
  expectProblem(await sendPart(api, id, 5000, other.subarray(5000)), 422, 'upload_corrupt');
  expect(await api.store.storage.artifacts.find(digest)).toBeUndefined();
  expect(await api.store.storage.objectFiles.list('')).toEqual([]);
});
