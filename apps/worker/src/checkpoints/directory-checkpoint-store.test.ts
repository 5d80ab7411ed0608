import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder } from '#testkit';
import { DirectoryCheckpointStore } from './directory-checkpoint-store.js';

let folder: { path: string; remove(): Promise<void> };
let store: DirectoryCheckpointStore;
beforeEach(async () => {
  folder = await temporaryFolder('checkpoints');
  store = new DirectoryCheckpointStore(path.join(folder.path, 'job'));
});
afterEach(() => folder.remove());

const save = (text: string) => store.save(Buffer.from(text));
const contents = async () =>
  Promise.all((await store.stored()).map(async (stored) => Buffer.from((await stored.read())!).toString()));

test('keeps the last three, the newest first, under names that never come twice', async () => {
  expect(await store.stored()).toEqual([]);
  for (const text of ['a', 'b', 'c', 'd']) await save(text);
  expect(await contents()).toEqual(['d', 'c', 'b']);
  expect((await store.stored())[0]!.name).toBe('00000004.safetensors');
});

test('what is discarded is gone, and what is saved then is the newest', async () => {
  for (const text of ['a', 'b', 'c']) await save(text);
  await (await store.stored())[0]!.discard();
  await save('c again');
  expect(await contents()).toEqual(['c again', 'b', 'a']);
});

test('overlooks, and then removes, what a process that was killed was writing', async () => {
  await save('a');
  await writeFile(path.join(folder.path, 'job', '.00000002.safetensors.half.tmp'), 'b');
  expect(await contents()).toEqual(['a']);
  await save('b');
  expect(await contents()).toEqual(['b', 'a']);
  expect(await readdir(path.join(folder.path, 'job'))).toHaveLength(2);
});

test('one that went since it was listed has no content; one that cannot be read is an error', async () => {
  await save('a');
  const [stored] = await store.stored();
  await stored!.discard();
  expect(await stored!.read()).toBeUndefined();
  await mkdir(path.join(folder.path, 'job', stored!.name));
  await expect(stored!.read()).rejects.toThrow('EISDIR');
});

test('a checkpoint that cannot be kept leaves the ones before it', async () => {
  await save('a');
  const blocked = new DirectoryCheckpointStore(path.join(folder.path, 'job', '00000001.safetensors'));
  await expect(blocked.save(Buffer.from('b'))).rejects.toThrow('ENOTDIR');
  expect(await contents()).toEqual(['a']);
  expect(await readdir(path.join(folder.path, 'job'))).toEqual(['00000001.safetensors']);
});
