import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import type { Dataset } from '#contracts';
import { loadDataset } from '#datasets';
import {
  cifar10Contents,
  idxContents,
  imageFolderContents,
  picture,
  temporaryFolder,
  waitUntil,
  writeFiles,
} from '#testkit';
import { expectProblem, startTestApi, type Answer, type TestApi } from '../testing/test-api.js';

let api: TestApi;
let folder: { path: string; remove(): Promise<void> };
beforeAll(async () => {
  [api, folder] = [await startTestApi(), await temporaryFolder('formats')];
});
afterEach(() =>
  waitUntil('no file is left of a request', async () => (await readdir(api.uploadFolder)).length === 0),
);
afterAll(async () => {
  await api.close();
  await folder.remove();
});

const register = (name: string, source: object): Promise<Answer<Dataset & { errors?: unknown }>> =>
  api.post('/v1/datasets', { name, source });

async function upload(
  fields: Record<string, string>,
  contents: Record<string, Uint8Array>,
  part = (_name: string) => 'files',
): Promise<Answer<any>> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const [name, bytes] of Object.entries(contents)) {
    form.append(part(name), new Blob([bytes]), name);
  }
  const response = await api.fetch(`${api.url}/v1/datasets`, { method: 'POST', body: form });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const IMAGES = { format: 'image-folder', height: '8', width: '8' };

describe('CIFAR-10', () => {
  test('is registered where it lies', async () => {
    const path = await writeFiles(`${folder.path}/cifar`, cifar10Contents());
    const { status, body } = await register('cifar', { kind: 'folder', format: 'cifar-10', folder: path });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      format: 'cifar-10',
      origin: 'path',
      input: { channels: 3, height: 32, width: 32 },
      trainImages: 40,
      testImages: 10,
      classCounts: Array(10).fill(4),
      split: { kind: 'given' },
    });
    expect(body.classNames[9]).toBe('truck');
    expect(body.files['test_batch.bin']).toMatchObject({ path: `${path}/test_batch.bin`, bytes: 30730 });
  });

  test('is kept when it is uploaded, under the same digest, but not what came beside it', async () => {
    const path = await writeFiles(`${folder.path}/cifar-too`, cifar10Contents());
    const registered = await register('cifar-too', { kind: 'folder', format: 'cifar-10', folder: path });
    const named = Object.entries(cifar10Contents()).map(([name, content]) => [`cifar/${name}`, content]);
    const contents = { ...Object.fromEntries(named), 'cifar/batches.meta.txt': Buffer.from('airplane') };
    const { status, body } = await upload({ name: 'cifar-up', format: 'cifar-10' }, contents);
    expect([status, body.origin, body.digest]).toEqual([201, 'upload', registered.body.digest]);
    expect(Object.keys(body.files)).toHaveLength(3);
    for (const { digest, bytes } of Object.values<Dataset['files'][string]>(body.files)) {
      expect(await api.store.storage.artifacts.find(digest)).toEqual({ digest, bytes });
    }
  });
});

describe('a folder of images', () => {
  test('is packed when it is registered, and is not needed any more', async () => {
    const path = await writeFiles(`${folder.path}/pets`, await imageFolderContents());
    const source = {
      kind: 'folder',
      format: 'image-folder',
      folder: path,
      height: 8,
      width: 10,
      testShare: 0.3,
    };
    const { status, body } = await register('images', source);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      format: 'image-folder',
      origin: 'path',
      input: { channels: 3, height: 8, width: 10 },
      classNames: ['day', 'night'],
      classCounts: [7, 7],
      testImages: 6,
      split: { kind: 'seeded', testShare: 0.3, seed: 1 },
      sourceDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const files = Object.entries(body.files).map(([name, { digest, path: left }]) => {
      expect(left).toBeUndefined();
      return [name, api.store.artifactFile(digest)] as const;
    });
    const paths = Object.fromEntries(files);
    expect((await loadDataset({ format: body.format, paths })).digest).toBe(body.digest);
    expect((await api.get(`/v1/datasets/${body.id}`)).body).toEqual(body);
  });

  test('may be uploaded, its paths as file names', async () => {
    const images = await imageFolderContents(3);
    const contents = Object.entries(images).map(([name, content]) => [
      name.replace('night', 'nächtlich'),
      content,
    ]);
    const fields = { name: 'up', ...IMAGES, channels: '1', splitSeed: '7' };
    const { status, body } = await upload(fields, Object.fromEntries(contents));
    expect([status, body.classNames, body.split]).toEqual([
      201,
      ['day', 'nächtlich'],
      { kind: 'seeded', testShare: 0.1, seed: 7 },
    ]);
    expect(body.input).toEqual({ channels: 1, height: 8, width: 8 });
  });
});

test('Fashion-MNIST is taken from its Debian package, or the answer says what to install', async () => {
  const answer = await register('fashion', { kind: 'fashion-mnist' });
  if (existsSync('/usr/share/datasets/fashion-mnist')) {
    expect(answer.body).toMatchObject({ origin: 'fashion-mnist', trainImages: 60_000, classes: 10 });
    expect(answer.body.classNames[9]).toBe('Ankle boot');
    return;
  }
  const problem = expectProblem(answer, 400, 'dataset_unreadable');
  expect(problem.errors?.[0]).toMatchObject({
    field: 'source.kind',
    expected: expect.stringContaining('apt-get install dataset-fashion-mnist'),
  });
});

describe('the problem names the field of', () => {
  const expectField = (answer: Answer<unknown>, code: string, field: string, detail: RegExp) => {
    const problem = expectProblem(answer, 400, code);
    expect(problem.errors?.[0]?.field).toBe(field);
    expect(problem.detail).toMatch(detail);
    expect(JSON.stringify(problem)).not.toContain(api.uploadFolder);
  };

  test('an uploaded image that cannot be decoded, with its own name', async () => {
    const images = await imageFolderContents(3);
    const cut = { ...images, 'day/1.jpg': images['day/1.jpg']!.subarray(0, -40) };
    const answer = await upload({ name: 'refused', ...IMAGES }, cut);
    expectField(answer, 'dataset_unreadable', 'files', /files: day\/1\.jpg: cannot be decoded: \S/);
  });

  test('an uploaded CIFAR file that is cut off, with its own name', async () => {
    const contents = {
      ...cifar10Contents(),
      'test_batch.bin': cifar10Contents()['test_batch.bin']!.subarray(1),
    };
    const answer = await upload({ name: 'refused', format: 'cifar-10' }, contents);
    expectField(answer, 'dataset_unreadable', 'files', /test_batch\.bin at byte \d+: /);
  });

  test('a CIFAR upload that lacks a file', async () => {
    const contents = cifar10Contents();
    delete contents['test_batch.bin'];
    const answer = await upload({ name: 'refused', format: 'cifar-10' }, contents);
    expectField(answer, 'dataset_unreadable', 'files', /there is no test_batch\.bin/);
  });

  test('a CIFAR upload with two files of one name', async () => {
    const contents = { ...cifar10Contents(), 'old/test_batch.bin': cifar10Contents()['test_batch.bin']! };
    const answer = await upload({ name: 'refused', format: 'cifar-10' }, contents);
    expectField(
      answer,
      'invalid_request',
      'files',
      /"old\/test_batch\.bin": expected one file named test_batch\.bin/,
    );
  });

  test('a folder that is not there, or has no class', async () => {
    for (const format of [{ format: 'cifar-100' }, { format: 'image-folder', height: 8, width: 8 }]) {
      const answer = await register('refused', {
        kind: 'folder',
        folder: `${folder.path}/no/such`,
        ...format,
      });
      expectField(answer, 'dataset_unreadable', 'source.folder', /\/no\/such: cannot be read/);
    }
    const path = await writeFiles(`${folder.path}/flat`, { 'a.png': await picture() });
    const source = { kind: 'folder', format: 'image-folder', folder: path, height: 8, width: 8 };
    expectField(
      await register('refused', source),
      'dataset_unreadable',
      'source.folder',
      /a\.png: expected CLASS/,
    );
  });

  test.each([
    ['../../etc/cat.png', '..'],
    ['/etc/cat.png', 'absolute'],
    ['cats//1.png', 'empty'],
    ['cats\\1.png', 'backslash'],
  ])('a file name that is no path within a folder: %s', async (name) => {
    const answer = await upload({ name: 'refused', ...IMAGES }, { [name]: await picture() });
    expectField(answer, 'invalid_request', 'files', /a path within a folder/);
  });

  test('files in parts of another format, and parts that are missing', async () => {
    const idx = await upload({ name: 'refused', format: 'cifar-10' }, idxContents(), (name) => name);
    expect(expectProblem(idx, 400, 'invalid_request').errors?.map(({ field }) => field)).toEqual([
      'files',
      'trainImages',
      'trainLabels',
      'testImages',
      'testLabels',
    ]);
  });

  test('an option of the packing that is none', async () => {
    const fields = { name: 'refused', ...IMAGES, channels: '2', testShare: 'half', height: '7' };
    const problem = expectProblem(await upload(fields, await imageFolderContents(2)), 400, 'invalid_request');
    expect(problem.errors).toEqual([
      { field: 'height', value: '7', expected: 'a number of at least 8' },
      { field: 'channels', value: '2', expected: '1 or 3' },
      { field: 'testShare', value: 'half', expected: 'number' },
    ]);
    const empty = { name: 'refused', ...IMAGES, splitSeed: '', testShare: ' ' };
    const blank = expectProblem(await upload(empty, await imageFolderContents(2)), 400, 'invalid_request');
    expect(blank.errors).toEqual([
      { field: 'splitSeed', value: '', expected: 'a value, or no part of this name' },
      { field: 'testShare', value: ' ', expected: 'a value, or no part of this name' },
    ]);
    const misspelt = { name: 'refused', ...IMAGES, testshare: '0.5' };
    expectField(
      await upload(misspelt, await imageFolderContents(2)),
      'invalid_request',
      'testshare',
      /no field/,
    );
    const unknown = await upload({ name: 'refused', format: 'tar' }, {});
    expectField(unknown, 'invalid_request', 'format', /"idx", "cifar-10"/);
  });
});
