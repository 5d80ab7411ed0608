import fs from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '#testkit';
import { claimFile, removeStaleFile } from './claim-file.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let file: string;
beforeEach(async () => {
  folder = await temporaryFolder('claim');
  file = path.join(folder.path, 'lock');
});
afterEach(() => folder.remove());

test('the first claim wins, and no draft is left', () => {
  expect([claimFile(file, 'first'), claimFile(file, 'second')]).toEqual([true, false]);
  expect(fs.readFileSync(file, 'utf8')).toBe('first');
  expect(fs.readdirSync(folder.path)).toEqual(['lock']);
});

test('a stale file is removed, also when another process was faster', () => {
  claimFile(file, 'dead');
  removeStaleFile(file, 'dead');
  removeStaleFile(file, 'dead');
  expect(fs.readdirSync(folder.path)).toEqual([]);
});

test('a file that was replaced since it was read stays', () => {
  claimFile(file, 'of another launcher');
  removeStaleFile(file, 'dead');
  expect(fs.readFileSync(file, 'utf8')).toBe('of another launcher');
  expect(fs.readdirSync(folder.path)).toEqual(['lock']);
});
