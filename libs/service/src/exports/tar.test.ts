import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '#testkit';
import { tarOf } from './tar.js';

const file = (name: string, length: number) => ({ name, bytes: new Uint8Array(length).fill(length % 251) });

test('tar reads the files as they were, of any length', async () => {
  const folder = await temporaryFolder('tar');
  try {
    const files = [file('model.json', 700), file('empty.bin', 0), file('group1-shard1of1.bin', 1024)];
    const archive = path.join(folder.path, 'model.tar');
    await writeFile(archive, tarOf(files));
    const target = path.join(folder.path, 'out');
    await mkdir(target);
    await promisify(execFile)('tar', ['-xf', archive, '-C', target]);
    for (const { name, bytes } of files)
      expect(new Uint8Array(await readFile(path.join(target, name)))).toEqual(bytes);
  } finally {
    await folder.remove();
  }
});

test('the same files give the same bytes, and what a header cannot say is refused', () => {
  expect(tarOf([file('a', 10)])).toEqual(tarOf([file('a', 10)]));
  expect(() => tarOf([file('ä', 10)])).toThrow(RangeError);
  expect(() => tarOf([file('a'.repeat(101), 10)])).toThrow('expected 1 to 100 of visible ASCII');
});
