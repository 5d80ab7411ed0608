import fs from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '#testkit';
import { Terminal } from '../terminal/terminal.js';
import { NotADemoDirectoryError, claimForDemo, clearDemoDirectory, keepFromDemos } from './demo-directory.js';
import { startStack } from './stack.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => (folder = await temporaryFolder('demo-directory')));
afterEach(() => folder.remove());

const write = (name: string) => {
  const file = path.join(folder.path, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, 'precious');
};
const exists = (name: string) => fs.existsSync(path.join(folder.path, name));

describe('a fresh demo', () => {
  test.each(['postgres/PG_VERSION', 'artifacts/bundle'])('leaves %s of others alone', async (file) => {
    write(file);
    await expect(clearDemoDirectory(folder.path)).rejects.toThrow(NotADemoDirectoryError);
    await expect(clearDemoDirectory(folder.path)).rejects.toThrow(
      new RegExp(`^${folder.path} holds data .*--keep.*--data-dir`),
    );
    expect(exists(file)).toBe(true);
  });

  test('deletes what an earlier one left, and may do so again after the next', async () => {
    await claimForDemo(folder.path);
    for (let run = 0; run < 2; run++) {
      write('artifacts/bundle');
      write('report.json');
      await clearDemoDirectory(folder.path);
      expect(fs.readdirSync(folder.path).sort()).toEqual(['demo.json', 'report.json']);
    }
  });

  test('begins in a directory that is new', async () => {
    await clearDemoDirectory(folder.path);
    expect(fs.readdirSync(folder.path)).toEqual([]);
  });
});

test("a directory that a service was started in is no demo's any more", async () => {
  await claimForDemo(folder.path);
  write('artifacts/bundle');
  keepFromDemos(folder.path);
  await expect(clearDemoDirectory(folder.path)).rejects.toThrow(NotADemoDirectoryError);
  expect(exists('artifacts/bundle')).toBe(true);
});

test('a demo that keeps the data of others does not make it its own', async () => {
  write('artifacts/bundle');
  await claimForDemo(folder.path);
  await expect(clearDemoDirectory(folder.path)).rejects.toThrow(NotADemoDirectoryError);
  expect(exists('artifacts/bundle')).toBe(true);
});

test('the launcher refuses a fresh demo in the data directory of a service before it starts anything', async () => {
  write('postgres/PG_VERSION');
  write('artifacts/bundle');
  const options = {
    host: '127.0.0.1',
    port: 0,
    worker: true,
    databaseUrl: undefined,
    artifactsUrl: undefined,
    metricsPort: undefined,
  };
  const starting = startStack(
    { ...options, dataDir: folder.path, start: 'fresh-demo', onFailure: () => {} },
    new Terminal(),
  );
  await expect(starting).rejects.toThrow(NotADemoDirectoryError);
  expect(exists('postgres/PG_VERSION') && exists('artifacts/bundle')).toBe(true);
  expect(exists('log') || exists('demo.json')).toBe(false);
});
