import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '#testkit';
import { DataDirectoryInUseError, lockDataDirectory } from './directory-lock.js';
import { identify } from './process-identity.js';

describe('the lock on a data directory', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const lockFile = () => path.join(folder.path, 'launcher.lock');
  beforeEach(async () => (folder = await temporaryFolder('lock')));
  afterEach(() => folder.remove());

  test('refuses a second launcher, naming the first', () => {
    const unlock = lockDataDirectory(folder.path, 'launcher');
    expect(() => lockDataDirectory(folder.path, 'launcher')).toThrow(DataDirectoryInUseError);
    expect(() => lockDataDirectory(folder.path, 'launcher')).toThrow(`process id ${process.pid}`);
    unlock();
    lockDataDirectory(folder.path, 'launcher')();
    expect(fs.readdirSync(folder.path)).toEqual([]);
  });

  test('takes over from a launcher that was killed', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']);
    await once(child, 'spawn');
    fs.writeFileSync(lockFile(), JSON.stringify(identify(child.pid!)));
    expect(() => lockDataDirectory(folder.path, 'launcher')).toThrow(`process id ${child.pid}`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    lockDataDirectory(folder.path, 'launcher')();
  });

  test('is not held up by a process that was given the same id later', () => {
    fs.writeFileSync(lockFile(), JSON.stringify({ pid: process.pid, startedAt: 'at another time' }));
    lockDataDirectory(folder.path, 'launcher')();
  });

  test('lets a process of another kind in', () => {
    const unlock = lockDataDirectory(folder.path, 'launcher');
    lockDataDirectory(folder.path, 'agent')();
    unlock();
  });

  test('takes over a lock that is damaged', () => {
    fs.writeFileSync(lockFile(), '{"pid":');
    lockDataDirectory(folder.path, 'launcher')();
  });

  test("leaves another launcher's lock alone when it is released late", () => {
    const unlock = lockDataDirectory(folder.path, 'launcher');
    fs.writeFileSync(lockFile(), 'of another');
    unlock();
    expect(fs.readFileSync(lockFile(), 'utf8')).toBe('of another');
  });
});
