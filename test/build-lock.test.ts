import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder, waitUntil } from '#testkit';

const MODULE = path.resolve(import.meta.dirname, '../tools/build/build-lock.mjs');
/** Writes who begins and who ends; ends when the file says that it may. */
const BUILDER = `
  import { alone } from ${JSON.stringify(MODULE)};
  import fs from 'node:fs';
  const [log, lock, name] = process.argv.slice(1);
  await alone(lock, async () => {
    fs.appendFileSync(log, 'begins ' + name + '\\n');
    while (!fs.readFileSync(log, 'utf8').includes('end all')) await new Promise((resolve) => setTimeout(resolve, 5));
    fs.appendFileSync(log, 'ends ' + name + '\\n');
  });
`;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let builders: ChildProcess[];
beforeEach(async () => {
  [folder, builders] = [await temporaryFolder('build-lock'), []];
  await appendFile(log(), '');
});
afterEach(async () => {
  for (const builder of builders) builder.kill('SIGKILL');
  await folder.remove();
});

const log = () => path.join(folder.path, 'log');
const lines = async () => (await readFile(log(), 'utf8')).split('\n').filter(Boolean);

function build(name: string): ChildProcess {
  const args = ['--input-type=module', '-e', BUILDER, log(), path.join(folder.path, 'lock'), name];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  builders.push(child);
  return child;
}

test('builds of one checkout wait for each other', async () => {
  const all = ['a', 'b', 'c'].map(build);
  const ends = all.map((builder) => once(builder, 'exit'));
  await waitUntil('one begins', async () => (await lines()).length > 0);
  await appendFile(log(), 'end all\n');
  await Promise.all(ends);
  const told = (await lines()).filter((line) => line !== 'end all');
  expect(told).toHaveLength(6);
  for (let i = 0; i < told.length; i += 2) expect(told[i + 1]).toBe(told[i]!.replace('begins', 'ends'));
  expect(await readdir(folder.path)).toEqual(['log']);
});

test('a build goes on where the one before was killed', async () => {
  const killed = build('killed');
  await waitUntil('it begins', async () => (await lines()).includes('begins killed'));
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  await appendFile(log(), 'end all\n');
  const [code] = (await once(build('next'), 'exit')) as [number];
  expect(code).toBe(0);
  expect(await lines()).toEqual(['begins killed', 'end all', 'begins next', 'ends next']);
});
