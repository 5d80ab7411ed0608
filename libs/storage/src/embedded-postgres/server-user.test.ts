import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { temporaryFolder, TYPESCRIPT_NODE_OPTIONS } from '#testkit';
import { platformPackage, runnableBinaries } from './binaries.js';
import { openDataFolder } from './data-folder.js';
import { chooseServerUser, succeeds } from './server-user.js';

const isRoot = process.getuid?.() === 0;
const asRoot = isRoot ? test : test.skip;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder('user');
  fs.chmodSync(folder.path, 0o755);
});
afterEach(() => folder.remove());

test('nobody but root runs the server as someone else', () => {
  expect(chooseServerUser() === undefined).toBe(!isRoot);
});

asRoot('copies the programs when the checkout is closed to the database user', () => {
  const user = chooseServerUser();
  const closed = path.join(folder.path, 'closed');
  fs.mkdirSync(closed, { mode: 0o700 });
  const original = platformPackage();
  fs.cpSync(original.folder, path.join(closed, 'package'), { recursive: true, verbatimSymlinks: true });
  const shared = path.join(folder.path, 'shared');
  const there = { ...original, folder: path.join(closed, 'package') };
  const binaries = runnableBinaries(there, user, shared);
  expect(binaries.postgres.startsWith(shared)).toBe(true);
  expect(succeeds(user, binaries.postgres, ['--version'])).toBe(true);
  expect(runnableBinaries(there, user, shared)).toEqual(binaries);
});

asRoot('takes another data folder when the one asked for is closed to the database user', () => {
  const user = chooseServerUser();
  const closed = path.join(folder.path, 'closed');
  fs.mkdirSync(closed, { mode: 0o700 });
  const shared = path.join(folder.path, 'shared');
  const opened = openDataFolder(path.join(closed, 'data'), user, shared);
  expect(path.dirname(opened.path)).toBe(shared);
  expect(succeeds(user, 'test', ['-x', opened.path])).toBe(true);
  expect(openDataFolder(path.join(closed, 'data'), user, shared)).toEqual(opened);
});

asRoot('a user who is not root runs the server as himself', async () => {
  const [uid, gid] = [65_534, 65_534];
  fs.chownSync(folder.path, uid, gid);
  const program = `
    import { startEmbeddedPostgres } from '#storage';
    const server = await startEmbeddedPostgres({ folder: process.env.FOLDER });
    await server.stop();
    console.log('stopped');`;
  const env = { PATH: process.env.PATH, NODE_OPTIONS: TYPESCRIPT_NODE_OPTIONS, FOLDER: folder.path };
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { uid, gid, env, cwd: '/' });
  const said: string[] = [];
  child.stdout.on('data', (text: Buffer) => said.push(String(text)));
  child.stderr.on('data', (text: Buffer) => said.push(String(text)));
  await once(child, 'close');
  expect(said.join('')).toBe('stopped\n');
  expect(fs.statSync(path.join(folder.path, 'data')).uid).toBe(uid);
});
