import { AgentProcesses } from '../../apps/agent/src/agent-process.fixture.js';
import { DeviceRuntime } from '#edge';
import { deployVersion, publishBundle, waitUntil } from '#testkit';
import { stat } from 'node:fs/promises';
import { PullingWorld } from './pulling.fixture.js';

let world: PullingWorld;
const agents = new AgentProcesses();
beforeAll(async () => void (world = await PullingWorld.start()));
beforeEach(() => world.renew());
afterEach(() => world.removeFolder());
afterAll(async () => {
  agents.killAll();
  await world.close();
});

const startPull = () =>
  agents.start(
    [
      ...['pull', world.model, '--folder', world.folder.folder, '--server', world.proxy.url],
      ...['--device', world.deployment.deviceId, '--json'],
    ],
    { ISOCHRON_API_KEY: world.key },
  );
/** Which version the folder holds, all of it. */
const versionHeld = async () => {
  const runtime = await DeviceRuntime.open(await world.folder.read());
  await runtime.close();
  return (await world.folder.contents())!.source.version;
};
/** Deploys the next version of the model. */
const publishNext = async (version: number) => {
  const { storage, actor } = world.api.store;
  const slow = 0.3 + version / 100; // the same bundle would be the same version
  const next = await publishBundle(storage, actor, [0, slow], world.model);
  await deployVersion(storage, next.version, { fast: 0, slow }, world.deployment);
  await world.point('production', version);
  return next.version.bundle;
};

test('a pull that is killed within a download leaves the old contents, and the next one goes on there', async () => {
  await world.pull();
  const { digest, bytes } = await publishNext(2);
  world.proxy.troubles.set('/bundle', [{ holdsAfter: 9000 }]);
  const part = `${world.folder.folder}/${digest}.part`;
  const agent = startPull();
  const kept = () =>
    stat(part).then(
      ({ size }) => size === 9000,
      () => false,
    );
  await waitUntil('half of the bundle is there', kept);
  agent.child.kill('SIGKILL');
  await agent.exit;
  expect(await versionHeld()).toBe(1);

  const next = startPull();
  expect([await next.exit, JSON.parse(next.output())]).toMatchObject([
    0,
    { version: 2, downloadedBytes: bytes - 9000 },
  ]);
  expect(await versionHeld()).toBe(2);
});

test('a pull that is killed at any request leaves the old contents or the new ones', async () => {
  await world.pull();
  for (let requests = 1; requests <= 6; requests++) {
    const version = requests + 1;
    await publishNext(version);
    world.proxy.seen.length = 0;
    const agent = startPull();
    await waitUntil(`${requests} requests`, () => world.proxy.seen.length >= requests);
    agent.child.kill('SIGKILL');
    await agent.exit;
    expect([version - 1, version]).toContain(await versionHeld());
    await world.pull();
    expect(await versionHeld()).toBe(version);
  }
});

test('the command tells what is wrong, with exit code 1, and what is wrong with its arguments', async () => {
  const { model, folder } = world;
  const refused = agents.start(['pull', model, '--folder', folder.folder, '--server', world.proxy.url]);
  expect([await refused.exit, refused.output()]).toEqual([
    1,
    expect.stringMatching(/pull: --device is not given/),
  ]);
  const wrong = agents.start(['pull', 'Digits@', '--folder', folder.folder]);
  expect([await wrong.exit, wrong.output()]).toEqual([
    1,
    expect.stringContaining('"Digits@", expected NAME, NAME@ALIAS or NAME/VERSION.'),
  ]);
});

test('Ctrl-C ends running with the summary', async () => {
  await world.pull();
  const agent = agents.start(['infer', '--folder', world.folder.folder, '--count', '1000000', '--json']);
  await waitUntil('some runs', () => agent.output().split('\n').length > 5);
  agent.child.kill('SIGINT');
  expect(await agent.exit).toBe(0);
  expect(JSON.parse(agent.output().trim().split('\n').at(-1)!)).toMatchObject({
    ...{ event: 'summary', points: [{ operatingPoint: 'fast', ratio: 0 }] },
  });
});
