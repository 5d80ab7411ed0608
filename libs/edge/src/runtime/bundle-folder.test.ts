import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { childEnvironment } from '#runtime';
import { temporaryFolder, TYPESCRIPT_NODE_OPTIONS, waitUntil } from '#testkit';
import { BundleFolder } from './bundle-folder.js';
import { DeviceRuntime } from './device-runtime.js';
import { ADDED, addendum, bundle, image, points, strangeAddendum } from './small-bundle.fixture.js';

process.env.NODE_OPTIONS = TYPESCRIPT_NODE_OPTIONS;

let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
let folder: BundleFolder;
beforeEach(async () => {
  temporary = await temporaryFolder('bundle');
  folder = new BundleFolder(join(temporary.path, 'digits'));
});
afterEach(() => temporary.remove());

const publish = async () =>
  folder.publish({ source: { model: 'digits' }, bundle: await folder.add(bundle), addenda: [], points });
const withAdded = [...points, { name: 'p4', ratio: ADDED }];

test('what is published opens as a runtime; an addendum later adds its ratio and little else', async () => {
  await publish();
  expect(await folder.contents()).toMatchObject({ source: { model: 'digits' }, points });
  await folder.update([addendum], withAdded);
  const runtime = await DeviceRuntime.open({
    ...(await folder.read()),
    operatingPoint: 'p4',
    prepare: false,
  });
  expect(await runtime.infer(image(1))).toMatchObject({ ratio: ADDED });
  await runtime.close();
  await folder.update([addendum], withAdded);
  expect((await folder.contents())!.addenda).toHaveLength(1);
});

test('an update that does not fit leaves everything as it was', async () => {
  await publish();
  const before = await folder.contents();
  await expect(folder.update([strangeAddendum], withAdded)).rejects.toThrow(/manifest.base/);
  await expect(folder.update([], withAdded)).rejects.toThrow(/points\[4\].ratio: 0.4/);
  expect(await folder.contents()).toEqual(before);
  expect((await folder.read()).addenda).toEqual([]);
  // What was refused goes with the next update.
  await folder.update([], points);
  expect(await readdir(folder.folder)).toHaveLength(2);
});

test('another bundle takes the place of the one before', async () => {
  await publish();
  await folder.update([addendum], withAdded);
  await publish();
  expect((await readdir(folder.folder)).sort()).toEqual([
    `${await folder.add(bundle)}.safetensors`,
    'current.json',
  ]);
});

test('a folder without a bundle, and a damaged one, say so', async () => {
  expect(await folder.contents()).toBeUndefined();
  await expect(folder.read()).rejects.toThrow(/expected a bundle and its current.json, found none/);
  await expect(folder.update([addendum], points)).rejects.toThrow(/expected a bundle that addenda belong to/);
  await publish();
  await writeFile(join(folder.folder, 'current.json'), '{"format": "isochron-folder"}');
  await expect(folder.read()).rejects.toThrow(/current.json: version: /);
});

test('a process that is killed while it updates leaves the old contents or the new ones, and all their files', async () => {
  await publish();
  for (let kills = 0; kills < 4; kills++) {
    const entry = join(import.meta.dirname, 'update-folder.fixture.ts');
    const child = fork(entry, [folder.folder], { env: childEnvironment({}) });
    await once(child, 'message');
    const isUpdating = async () => (await folder.contents())!.addenda.length === kills % 2;
    await waitUntil('an update is made', isUpdating);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const runtime = await DeviceRuntime.open({ ...(await folder.read()), prepare: false });
    const { ratio } = await runtime.infer(image(1));
    expect(ratio).toBe((await folder.contents())!.addenda.length === 1 ? ADDED : 0);
    await runtime.close();
    await publish();
  }
  expect(await readdir(folder.folder)).toHaveLength(2);
});
