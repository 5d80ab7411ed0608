import fs from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder } from '#testkit';
import { writeFileAtomic } from './write-file-atomic.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder('atomic');
});
afterEach(() => folder.remove());

test('writes and replaces a file, creating its folder, and leaves nothing else', async () => {
  const file = path.join(folder.path, 'a', 'b.json');
  await writeFileAtomic(file, 'one');
  await writeFileAtomic(file, new Uint8Array([50]));
  expect(await fs.readFile(file, 'utf8')).toBe('2');
  expect(await fs.readdir(path.dirname(file))).toEqual(['b.json']);
});

test('keeps the old content when it cannot write', async () => {
  const taken = path.join(folder.path, 'folder');
  await fs.mkdir(path.join(taken, 'full'), { recursive: true });
  await expect(writeFileAtomic(taken, 'text')).rejects.toThrow();
  expect(await fs.readdir(folder.path)).toEqual(['folder']);
});
