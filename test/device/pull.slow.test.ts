import { readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DeviceRuntime } from '#edge';
import { deployVersion, publishAddendumTo, publishBundle, waitUntil } from '#testkit';
import { runPull } from '../../apps/agent/src/pull/run-pull.js';
import { PullingWorld, Said } from './pulling.fixture.js';

let world: PullingWorld;
beforeAll(async () => void (world = await PullingWorld.start()));
beforeEach(() => world.renew());
afterEach(() => world.removeFolder());
afterAll(() => world.close());

const digest = () => world.published.version.bundle.digest;
const bytes = () => world.published.version.bundle.bytes;
const bundlesAsked = () =>
  world.proxy.seen.filter(({ method, path }) => method === 'GET' && path.endsWith('/bundle'));
const keptBytes = () =>
  stat(path.join(world.folder.folder, `${digest()}.part`)).then(
    ({ size }) => size,
    () => 0,
  );
const opens = async () => {
  const runtime = await DeviceRuntime.open(await world.folder.read());
  await runtime.close();
};

test('what is deployed on the device arrives, with the clocks of its operating points', async () => {
  const { model, deployment } = world;
  expect(await world.pull()).toEqual({
    ...{ model, version: 1, alias: 'production', deploymentId: deployment.id, changed: true },
    ...{ newBundle: digest(), newAddenda: [], downloadedBytes: bytes() },
    points: [
      { name: 'fast', ratio: 0 },
      { name: 'slow', ratio: 0.5 },
    ],
  });
  expect(await world.folder.contents()).toMatchObject({
    ...{ bundle: digest(), addenda: [], source: { model, version: 1, deploymentId: deployment.id } },
    points: [
      { name: 'fast', ratio: 0, cpuHz: 2e9 },
      { name: 'slow', ratio: 0.5, cpuHz: 1e9, emulatedCpuShare: 0.5 },
    ],
  });
  await opens();
  expect(await world.pull()).toMatchObject({ changed: false, newAddenda: [], downloadedBytes: 0 });
  expect(bundlesAsked()).toHaveLength(1);
});

test('a ratio that was added comes as an addendum alone', async () => {
  await world.pull();
  const { storage } = world.api.store;
  const { addendum } = await publishAddendumTo(storage, world.published, 0.25);
  // Nothing runs it yet.
  expect(await world.pull()).toMatchObject({ changed: false, downloadedBytes: 0 });
  await deployVersion(storage, world.published.version, { fast: 0.25, slow: 0.5 }, world.deployment);
  expect(await world.pull()).toMatchObject({
    ...{ changed: true, newAddenda: [addendum.digest], downloadedBytes: addendum.bytes },
    points: [
      { name: 'fast', ratio: 0.25, ratioBefore: 0 },
      { name: 'slow', ratio: 0.5, ratioBefore: 0.5 },
    ],
  });
  expect(bundlesAsked()).toHaveLength(1);
  await opens();
});

test('a download that breaks off goes on where it was', async () => {
  world.proxy.troubles.set('/bundle', [{ holdsAfter: 5000 }, { holdsAfter: 1000 }]);
  const pulling = world.pull();
  for (const size of [5000, 6000]) {
    await waitUntil('what came is kept', async () => (await keptBytes()) === size);
    world.proxy.breakConnections();
  }
  expect(await pulling).toMatchObject({ changed: true, downloadedBytes: bytes() });
  expect(bundlesAsked().map(({ status, range }) => [status, range])).toEqual([
    [200, undefined],
    [206, 'bytes=5000-'],
    [206, 'bytes=6000-'],
  ]);
  await opens();
});

test('what another process left goes on too, and is thrown away where it is damaged', async () => {
  const { folder } = world;
  await world.pull();
  const whole = (await folder.read()).bundle;
  for (const [kept, ranges] of [
    [whole.slice(0, 7000), ['bytes=7000-']],
    [whole.slice(0, 7000).fill(1), ['bytes=7000-', undefined]],
    [new Uint8Array(bytes()), [undefined]],
    [new Uint8Array(bytes() + 5), [undefined]],
  ] as const) {
    world.proxy.seen.length = 0;
    await world.removeFolder();
    await world.fileOf(`model/${digest()}.part`, kept);
    expect(await world.pull()).toMatchObject({ changed: true });
    expect(bundlesAsked().map(({ range }) => range)).toEqual(ranges);
    await opens();
  }
});

test('bytes that are not those of the digest are refused, and the folder stays as it was', async () => {
  await world.pull();
  const before = await world.folder.contents();
  const { storage, actor } = world.api.store;
  const next = await publishBundle(storage, actor, [0, 0.3], world.model);
  await deployVersion(storage, next.version, { fast: 0, slow: 0.3 }, world.deployment);
  await world.point('production', 2);
  world.proxy.troubles.set('/bundle', [{ damages: true }]);
  await expect(world.pull()).rejects.toThrow(/versions\/2\/bundle has bytes with SHA-256/);
  expect(await world.folder.contents()).toEqual(before);
  await opens();
  expect(await world.pull()).toMatchObject({ version: 2, newBundle: next.version.bundle.digest });
  expect((await readdir(world.folder.folder)).sort()).toEqual(
    [`${next.version.bundle.digest}.safetensors`, 'current.json'].sort(),
  );
});

test('a file that was damaged on the disk is fetched again', async () => {
  await world.pull();
  await writeFile(world.folder.fileOf(digest()), new Uint8Array(bytes()));
  expect(await world.pull()).toMatchObject({ changed: false, downloadedBytes: bytes() });
  await opens();
});

test('what is not deployed on the device is not there for it', async () => {
  const { version } = await publishBundle(world.api.store.storage, world.api.store.actor);
  const reference = { model: version.model, version: 1 };
  await expect(world.pull({ reference })).rejects.toThrow(/answered 404: there is no model version/);
  const admin = world.pull({ reference, apiKey: world.api.key });
  await expect(admin).rejects.toThrow(/version 1 of ".*" is not deployed on the device/);
  await expect(stat(world.folder.fileOf(version.bundle.digest))).rejects.toThrow(/ENOENT/);
});

test('one process at a time pulls into a folder', async () => {
  const stopping = new AbortController();
  const said = new Said();
  const watching = runPull(world.options({ watch: 60 }), said.streams, stopping.signal);
  await waitUntil('the first pull', () => said.out);
  await expect(world.pull()).rejects.toThrow(/is in use by the pull with process id/);
  stopping.abort();
  await expect(watching).rejects.toThrow(/abort/);
  expect(await world.pull()).toMatchObject({ changed: false });
});

test('watching tells of another version once it is deployed, and asks for no more than whether something changed', async () => {
  const stopping = new AbortController();
  const said = new Said();
  const watching = runPull(world.options({ watch: 1, json: false }), said.streams, stopping.signal);
  await waitUntil('the first pull', () => said.out.includes('version 1 (production): new bundle'));
  const { storage, actor } = world.api.store;
  const next = await publishBundle(storage, actor, [0, 0.3], world.model);
  await waitUntil('another look', () => world.proxy.seen.some(({ status }) => status === 304));
  await world.point('production', 2);
  await waitUntil('the failure is told', () => said.err.includes('will try again: GET'));
  await deployVersion(storage, next.version, { fast: 0, slow: 0.3 }, world.deployment);
  await waitUntil('the next version', () => said.out.includes('version 2 (production): new bundle'));
  expect(said.out).toContain('  slow: ratio 0.3 (was 0.5)');
  expect(said.err.match(/will try again/g)).toHaveLength(1);
  stopping.abort();
  await expect(watching).rejects.toThrow(/abort/);
});

test('watching ends where the key is refused', async () => {
  const refused = runPull(
    world.options({ watch: 1, apiKey: 'iso_wrong' }),
    new Said().streams,
    new AbortController().signal,
  );
  await expect(refused).rejects.toThrow(/answered 401/);
});
