import { createHash } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { IDX_FILES, type Dataset } from '#contracts';
import { idxContents, temporaryFolder, waitUntil, writeIdxFiles } from '#testkit';
import { expectProblem, startTestApi, type Answer, type TestApi } from '../testing/test-api.js';

let api: TestApi;
let folder: { path: string; remove(): Promise<void> };
beforeAll(async () => {
  [api, folder] = [await startTestApi(), await temporaryFolder('datasets')];
});
afterAll(async () => {
  await api.close();
  await folder.remove();
});

const register = async (name = 'bits'): Promise<Answer<Dataset>> =>
  api.post('/v1/datasets', { name, source: { kind: 'path', ...(await writeIdxFiles(folder.path)) } });

async function upload(
  contents: Partial<Record<string, Uint8Array>>,
  fields: Record<string, string> = { name: 'refused' },
  headers: Record<string, string> = {},
): Promise<Answer<any>> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const [name, bytes] of Object.entries(contents))
    form.append(name, new Blob([bytes as Uint8Array<ArrayBuffer>]), '../../x');
  const response = await api.fetch(`${api.url}/v1/datasets`, { method: 'POST', body: form, headers });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const nothingStored = async () => {
  const { body } = await api.get('/v1/datasets');
  expect(body.items.map((dataset: Dataset) => dataset.name)).not.toContain('refused');
  await waitUntil('no uploaded file is left', async () => (await readdir(api.uploadFolder)).length === 0);
};

test('registers files by path, with what is in them', async () => {
  const { status, body, headers } = await register();
  expect([status, headers.get('location')]).toEqual([201, `/v1/datasets/${body.id}`]);
  expect(body).toMatchObject({
    origin: 'path',
    input: { channels: 1, height: 8, width: 8 },
    classes: 2,
    trainImages: 64,
    testImages: 16,
    classCounts: [32, 32],
  });
  expect(body.files['trainImages']!.path).toContain(folder.path);
  expect((await api.get(`/v1/datasets/${body.id}`)).body).toEqual(body);
  expectProblem(await register(), 409, 'already_exists');
});

test('keeps an upload by digest, and only there', async () => {
  const registered = await register('by-path');
  const { status, body } = await upload(idxContents(), { name: 'uploaded' });
  expect(status).toBe(201);
  expect(body).toMatchObject({ origin: 'upload', name: 'uploaded', digest: registered.body.digest });
  for (const file of IDX_FILES) {
    const { digest, bytes, path } = body.files[file];
    expect(path).toBeUndefined();
    expect((await api.store.storage.artifacts.read(digest)).length).toBe(bytes);
  }
  await waitUntil('no uploaded file is left', async () => (await readdir(api.uploadFolder)).length === 0);
});

test('an upload is repeated by its Idempotency-Key, and told from another one', async () => {
  const key = { 'idempotency-key': 'u-1' };
  const first = await upload(idxContents(), { name: 'keyed' }, key);
  expect((await upload(idxContents(), { name: 'keyed' }, key)).body).toEqual(first.body);
  const other = await upload(idxContents({ train: 32 }), { name: 'keyed' }, key);
  expectProblem(other, 422, 'idempotency_key_reused');
});

describe('refuses, and stores nothing of,', () => {
  test('an upload under a name that a dataset has', async () => {
    await register('taken');
    const contents = idxContents({ train: 48 });
    const problem = expectProblem(await upload(contents, { name: 'taken' }), 409, 'already_exists');
    expect(problem.errors?.[0]).toMatchObject({ field: 'name', value: 'taken' });
    for (const file of Object.values(contents).slice(0, 2)) {
      const digest = createHash('sha256').update(file).digest('hex');
      expect(await api.store.storage.artifacts.find(digest)).toBeUndefined();
    }
    await nothingStored();
  });

  test('a path that is not there', async () => {
    const paths = await writeIdxFiles(folder.path);
    const absent = `${folder.path}/no/such/file`;
    const source = { kind: 'path', ...paths, testLabels: absent };
    const problem = expectProblem(
      await api.post('/v1/datasets', { name: 'refused', source }),
      400,
      'dataset_unreadable',
    );
    expect(problem.errors).toEqual([
      { field: 'source.testLabels', value: absent, expected: expect.stringContaining('ENOENT') },
    ]);
    await nothingStored();
  });

  test('a file that is cut off', async () => {
    const paths = await writeIdxFiles(folder.path);
    await writeFile(paths.trainImages, idxContents().trainImages.subarray(0, 100));
    const source = { kind: 'path', ...paths };
    const problem = expectProblem(
      await api.post('/v1/datasets', { name: 'refused', source }),
      400,
      'dataset_unreadable',
    );
    expect(problem.errors?.[0]?.field).toBe('source.trainImages');
    expect(problem.detail).toMatch(/byte 100/);
    await nothingStored();
  });

  test('an upload with a damaged file, without telling where the server put it', async () => {
    const { trainLabels } = idxContents();
    const damaged = { ...idxContents(), trainLabels: gzipSync(trainLabels).subarray(0, 20) };
    const problem = expectProblem(await upload(damaged), 400, 'dataset_unreadable');
    expect(problem.errors?.[0]?.field).toBe('trainLabels');
    expect(JSON.stringify(problem)).not.toContain(api.uploadFolder);
    await nothingStored();
  });

  test('an upload that lacks files or the name', async () => {
    const { trainImages, trainLabels } = idxContents();
    const problem = expectProblem(await upload({ trainImages, trainLabels }), 400, 'invalid_request');
    expect(problem.errors?.map((error) => error.field)).toEqual(['testImages', 'testLabels']);
    const unnamed = expectProblem(await upload(idxContents(), {}), 400, 'invalid_request');
    expect(unnamed.errors?.[0]?.field).toBe('name');
    await nothingStored();
  });

  test('an upload whose files are too large together', async () => {
    const large = Object.fromEntries(IDX_FILES.map((name) => [name, Buffer.alloc(60 * 1024)]));
    const problem = expectProblem(await upload(large), 413, 'payload_too_large');
    expect(problem.errors?.[0]?.expected).toBe('files of at most 204800 bytes in all');
    await nothingStored();
  });

  test('an upload with a part too many, or a file that is too large', async () => {
    const extra = expectProblem(
      await upload({ ...idxContents(), more: Buffer.from('x') }),
      400,
      'invalid_request',
    );
    expect(extra.errors?.[0]?.field).toBe('more');
    const large = { ...idxContents(), testImages: Buffer.alloc(65 * 1024) };
    const problem = expectProblem(await upload(large), 413, 'payload_too_large');
    expect(problem.errors).toEqual([{ field: 'testImages', expected: 'a file of at most 65536 bytes' }]);
    await nothingStored();
  });
});
