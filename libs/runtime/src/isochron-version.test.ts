import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder } from '#testkit';
import { isochronRelease, isochronVersion } from './index.js';
import { versionAbove } from './isochron-version.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder('version');
  await write('package.json', { name: 'isochron', version: '1.2.3' });
});
afterEach(() => folder.remove());

async function write(file: string, value: object): Promise<void> {
  await mkdir(path.dirname(path.join(folder.path, file)), { recursive: true });
  await writeFile(path.join(folder.path, file), JSON.stringify(value));
}
const versionIn = (below: string) => versionAbove(path.join(folder.path, below));

test('names the code that a build was made from, behind the release', async () => {
  await write('dist/build.json', { code: 'a1b2c3d4e5f6' });
  expect(versionIn('dist/libs/runtime/src')).toEqual({ release: '1.2.3', full: '1.2.3+a1b2c3d4e5f6' });
});

test('names the release alone where sources run, also beside a build', async () => {
  await write('dist/build.json', { code: 'a1b2c3d4e5f6' });
  expect(versionIn('libs/runtime/src')).toEqual({ release: '1.2.3', full: '1.2.3' });
  expect([isochronVersion(), isochronRelease()]).toEqual([
    expect.stringMatching(/^\d+\.\d+\.\d+$/),
    isochronVersion(),
  ]);
});

test('names the code in a package that has all in one folder', async () => {
  await write('build.json', { code: 'a1b2c3d4e5f6' });
  expect(versionIn('.').full).toBe('1.2.3+a1b2c3d4e5f6');
});
