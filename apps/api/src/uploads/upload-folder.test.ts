import { mkdir, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder, waitUntil } from '#testkit';
import { startTestApi } from '../testing/test-api.js';
import { UploadFolder } from './upload-folder.js';

let shared: { path: string; remove(): Promise<void> };
const errors: unknown[] = [];
beforeEach(async () => void (shared = await temporaryFolder('uploads')));
afterEach(async () => {
  await shared.remove();
  expect(errors).toEqual([]);
});

const open = (beatMs?: number) =>
  UploadFolder.open(shared.path, { onError: (error) => errors.push(error), ...(beatMs && { beatMs }) });
/** Has a folder's last beat be as long ago. */
const age = async (folder: string, minutes: number) => {
  const time = Date.now() / 1000 - minutes * 60;
  await utimes(folder, time, time);
};
/** As a process that was killed leaves it. */
const left = async (name: string, minutes: number) => {
  const folder = path.join(shared.path, name);
  await mkdir(path.join(folder, 'packed-1'), { recursive: true });
  for (const file of ['a'.repeat(32), 'packed-1/train-images-idx4-ubyte']) {
    await writeFile(path.join(folder, file), 'x');
  }
  await age(folder, minutes);
};
const names = async () => (await readdir(shared.path)).sort();

test('an API that starts removes what a dead one left, and nothing of one that may live or of others', async () => {
  await left('api-dead', 6);
  await left('api-late', 4);
  await left('notes', 99);
  const api = await startTestApi({ uploads: { folder: shared.path } });
  try {
    expect(await names()).toEqual(['api-late', path.basename(api.uploadFolder), 'notes'].sort());
    expect(await readdir(path.join(shared.path, 'api-late'))).toHaveLength(2);
  } finally {
    await api.close();
  }
  expect(await names()).toEqual(['api-late', 'notes']);
});

test('an API that was started again at once removes it as soon as the dead one is known to be dead', async () => {
  await left('api-dead', 0);
  const folder = await open(5);
  expect(await names()).toHaveLength(2);
  await age(path.join(shared.path, 'api-dead'), 6);
  await waitUntil('the removal', async () => (await names()).length === 1);
  await folder.close();
  expect(await names()).toEqual([]);
});

test('an API that lives keeps what it has, however old its files are', async () => {
  const living = await open(5);
  const file = path.join(living.path, 'body');
  await writeFile(file, 'x');
  await age(file, 99);
  await age(living.path, 99);
  await waitUntil('a beat', async () => (await stat(living.path)).mtimeMs > Date.now() - 60_000);
  const other = await open();
  expect(await readdir(living.path)).toEqual(['body']);
  await other.close();
  await living.close();
});

test('an API whose folder was taken away has it again with its next beat', async () => {
  const stopped = await open(5);
  await rm(stopped.path, { recursive: true });
  await waitUntil('the folder', async () => (await names()).length === 1);
  await stopped.close();
});
