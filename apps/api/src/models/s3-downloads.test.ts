import { createHash, randomBytes } from 'node:crypto';
import { aDataset, testS3, type TestS3 } from '#testkit';
import { expectProblem, startTestApi, type TestApi } from '../testing/test-api.js';

const CONTENT = randomBytes(3 * 1024 * 1024);

let s3: TestS3;
let api: TestApi;
let digest: string;
let url: string;
beforeAll(async () => {
  s3 = await testS3();
  api = await startTestApi({}, {}, { artifactsUrl: s3.newUrl() });
  const stored = await api.store.storage.artifacts.putBytes(CONTENT);
  digest = stored.digest;
  // A team may read what one of its resources refers to.
  await api.store.storage.datasets.create(aDataset(api.store.actor, { files: { trainImages: stored } }));
  url = `${api.url}/v1/artifacts/${digest}`;
});
afterAll(async () => {
  await api.close();
  await s3.stop();
});

test('a file on S3 is downloaded whole', async () => {
  const response = await api.fetch(url);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-length')).toBe(String(CONTENT.length));
  const found = createHash('sha256').update(Buffer.from(await response.arrayBuffer()));
  expect(found.digest('hex')).toBe(digest);
});

test.each([
  ['bytes=0-3', 0, 4],
  ['bytes=1000000-2000000', 1_000_000, 2_000_001],
  ['bytes=-5', CONTENT.length - 5, CONTENT.length],
  [`bytes=${CONTENT.length - 1}-`, CONTENT.length - 1, CONTENT.length],
])('a file on S3 is downloaded in part: %s', async (range, from, to) => {
  const response = await api.fetch(url, { headers: { range } });
  expect(response.status).toBe(206);
  expect(response.headers.get('content-range')).toBe(`bytes ${from}-${to - 1}/${CONTENT.length}`);
  expect(Buffer.from(await response.arrayBuffer()).equals(CONTENT.subarray(from, to))).toBe(true);
});

test('a range behind the end of a file on S3 is refused', async () => {
  const answer = await api.get(`/v1/artifacts/${digest}`, { range: `bytes=${CONTENT.length}-` });
  expectProblem(answer, 416, 'range_not_satisfiable');
});

test('readiness names the store', async () => {
  const { status, body } = await api.get('/health/ready');
  expect([status, body.parts]).toEqual([
    200,
    expect.arrayContaining([{ name: 'artifacts', kind: 's3', status: 'ok' }]),
  ]);
});

test('a store that is away makes downloads fail and the service not ready', async () => {
  const other = await testS3();
  const left = await startTestApi({}, {}, { artifactsUrl: other.newUrl() });
  try {
    const stored = await left.store.storage.artifacts.putBytes(Buffer.from('content'));
    await left.store.storage.datasets.create(aDataset(left.store.actor, { files: { trainImages: stored } }));
    await other.stop();
    expectProblem(await left.get(`/v1/artifacts/${stored.digest}`), 503, 'unavailable');
    const { status, body } = await left.get('/health/ready');
    const failing = { name: 'artifacts', kind: 's3', status: 'failing', detail: 'artifacts: no answer' };
    expect([status, body.status, body.parts[2]]).toEqual([503, 'failing', failing]);
    expect((await left.get('/health/live')).status).toBe(200);
  } finally {
    await left.close();
  }
});
