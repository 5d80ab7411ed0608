import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { imageFolderContents, temporaryFolder, writeIdxFiles } from '#testkit';
import { writeFile } from 'node:fs/promises';
import { expectProblem, startTestApi, type TestApi } from '../testing/test-api.js';

let api: TestApi;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let root: string;
let outside: string;
beforeAll(async () => {
  folder = await temporaryFolder('roots');
  [root, outside] = ['root', 'outside'].map((name) => path.join(folder.path, name)) as [string, string];
  await mkdir(root);
  await writeIdxFiles(outside);
  await symlink(outside, path.join(root, 'way-out'));
  api = await startTestApi({ datasetRoots: [root] });
});
afterAll(async () => {
  await api.close();
  await folder.remove();
});

const names = ['trainImages', 'trainLabels', 'testImages', 'testLabels'];
const byPath = (from: string) =>
  api.post('/v1/datasets', {
    name: 'd',
    source: { kind: 'path', ...Object.fromEntries(names.map((name) => [name, `${from}/${name}`])) },
  });
const folderOf = (at: string, more: object = { format: 'cifar-10' }) =>
  api.post('/v1/datasets', { name: 'f', source: { kind: 'folder', folder: at, ...more } });

test.each([
  ['lies elsewhere', () => outside],
  ['climbs out', () => path.join(root, '..', 'outside')],
  ['climbs out of a folder whose name begins the same', () => `${root}-too/../outside`],
  ['follows a link out', () => path.join(root, 'way-out')],
  ['is not there, and lies elsewhere', () => '/no/such/folder'],
])('a path that %s is refused, and nothing is told of what is there', async (_case, from) => {
  const problem = expectProblem(await byPath(from()), 400, 'invalid_request');
  expect(problem.errors?.map(({ field }) => field)).toEqual(names.map((name) => `source.${name}`));
  expect(problem.errors?.[0]?.expected).toBe(`a path below ${root} (DATASET_ROOTS of this server)`);
  expectProblem(await folderOf(from()), 400, 'invalid_request');
});

test('a path below a root is read, or its reader says what is wrong with it', async () => {
  await writeIdxFiles(path.join(root, 'bits'));
  expect((await byPath(path.join(root, 'bits'))).status).toBe(201);
  expectProblem(await folderOf(path.join(root, 'nothing')), 400, 'dataset_unreadable');
});

test('a folder of images with a link that leads out of it is refused', async () => {
  const pets = path.join(root, 'pets');
  for (const [name, content] of Object.entries(await imageFolderContents(3))) {
    await mkdir(path.dirname(path.join(pets, name)), { recursive: true });
    await writeFile(path.join(pets, name), content);
  }
  await symlink(path.join(outside, 'trainImages'), path.join(pets, 'day', 'x.png'));
  const images = { format: 'image-folder', height: 8, width: 8 };
  const problem = expectProblem(await folderOf(pets, images), 400, 'invalid_request');
  expect(problem.errors?.[0]?.expected).toContain('day/x.png');
});

test('without roots nothing is read by path', async () => {
  const closed = await startTestApi({ datasetRoots: [] });
  try {
    const source = { kind: 'folder', format: 'cifar-10', folder: root };
    const problem = expectProblem(
      await closed.post('/v1/datasets', { name: 'd', source }),
      400,
      'invalid_request',
    );
    expect(problem.errors?.[0]?.expected).toContain('DATASET_ROOTS of this server names no folder');
  } finally {
    await closed.close();
  }
});
