import fs from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '#testkit';
import { writeFileAtomicSync } from './write-file-atomic-sync.js';

it('replaces a file as a whole, with the permissions asked for, and leaves nothing beside it', async () => {
  const folder = await temporaryFolder('atomic-sync');
  const file = path.join(folder.path, 'new', 'secret.json');
  writeFileAtomicSync(file, 'one', 0o600);
  writeFileAtomicSync(file, 'two', 0o600);
  expect(fs.readFileSync(file, 'utf8')).toBe('two');
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  expect(fs.readdirSync(path.dirname(file))).toEqual(['secret.json']);
  await folder.remove();
});

it('keeps the old content when it cannot write', async () => {
  const folder = await temporaryFolder('atomic-sync');
  const file = path.join(folder.path, 'there');
  fs.mkdirSync(file);
  expect(() => writeFileAtomicSync(file, 'new')).toThrow();
  expect(fs.readdirSync(folder.path)).toEqual(['there']);
  await folder.remove();
});
