import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportOnnx } from '#bundle';
import { denseWidths, resNet } from '#network';
import { randomSubnet } from '#pruning';
import { temporaryFolder, waitUntil } from '#testkit';
import { AgentProcesses, type AgentProcess } from './agent-process.fixture.js';
import { LeaseServer, type ServedTask } from './lease-server.fixture.js';
import { clocksIn, writeSysfs } from './sysfs.fixture.js';

const input = { channels: 1, height: 8, width: 8 };
const network = resNet({ depth: 8, input, classes: 10, widthMultiplier: 0.25 });
const onnx = exportOnnx(randomSubnet(network, denseWidths(network), 1), { batch: 8 });
const POINTS = [
  { name: 'fast', cpuHz: 1.8e9, gpuHz: 400e6 },
  { name: 'slow', cpuHz: 1.2e9, gpuHz: 200e6 },
];
const AS_BEFORE = ['schedutil', '600000', '1800000', 'nvhost_podgov', '200000000', '400000000'];

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let sysfs: string;
let server: LeaseServer;
const agents = new AgentProcesses();
beforeEach(async () => {
  folder = await temporaryFolder('real-clocks');
  sysfs = join(folder.path, 'sys');
  await writeSysfs(sysfs);
  server = await LeaseServer.start();
});
afterEach(async () => {
  agents.killAll();
  await server.stop();
  await folder.remove();
});

const dataDir = () => join(folder.path, 'data');
const start = (...args: string[]): AgentProcess =>
  agents.start([
    ...['--server', server.url, '--device', server.device, '--data-dir', dataDir()],
    ...['--real-clocks', '--sysfs', sysfs, ...args],
  ]);
const isRestored = async () => (await clocksIn(sysfs)).join() === AS_BEFORE.join();

/** Starts an agent and waits until it measures with clocks pinned. */
async function measuring(...args: string[]): Promise<{ agent: AgentProcess; task: ServedTask }> {
  const task = server.add(onnx, POINTS, [0, 0.2, 0.4, 0.6], 100);
  const agent = start(...args);
  await waitUntil('a cell', () => task.uploads.size >= 1);
  expect(await isRestored()).toBe(false);
  return { agent, task };
}

describe('CPU and GPU clocks that an agent pinned are put back', () => {
  it('at the end of a task, with what was read back in the provenance', async () => {
    const { agent, task } = await measuring('--once');
    expect(await agent.exit).toBe(0);
    expect(await clocksIn(sysfs)).toEqual(AS_BEFORE);
    expect(task.uploads.get(7)!.provenance).toMatchObject({
      ...{ clockController: 'tuple', emulated: false, governor: 'schedutil' },
      ...{ clockReadBackHz: 1.2e9, gpuReadBackHz: 200e6 },
    });
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('on %s', async (signal) => {
    const { agent } = await measuring();
    agent.child.kill(signal);
    expect(await agent.exit).toBe(0);
    expect(await clocksIn(sysfs)).toEqual(AS_BEFORE);
  });

  it('on SIGKILL, by the guardian', async () => {
    const { agent } = await measuring();
    agent.child.kill('SIGKILL');
    await waitUntil('the clocks are as before', isRestored);
    await waitUntil(
      'the state file is gone',
      async () => !(await readdir(dataDir())).includes('saved-clocks.json'),
    );
  });

  it('when a task fails, which is told with what was set and what was read', async () => {
    const task = server.add(onnx, POINTS, [0], 5);
    const current = join(sysfs, 'class/devfreq/17000000.gpu/cur_freq');
    await rm(current);
    await writeFile(current, '300000000\n');
    expect(await start('--once').exit).toBe(1);
    expect(await clocksIn(sysfs)).toEqual(AS_BEFORE);
    expect(task.error!.message).toMatch(
      /"fast": the gpu clock reads 300000000 Hz where 400000000 Hz was set/,
    );
  });

  it('by the next start where they could not be: the agent ends, and leases nothing more', async () => {
    const { agent, task } = await measuring();
    const next = server.add(onnx, POINTS, [0]);
    // A folder in its place refuses to be written.
    const governor = join(sysfs, 'devices/system/cpu/cpufreq/policy0/scaling_governor');
    await rm(governor);
    await mkdir(governor);
    expect(await agent.exit).toBe(1);
    expect(agent.output()).toContain('clocks not restored');
    expect([task.state, next.state]).toEqual(['leased', 'queued']);
    expect(await readdir(dataDir())).toContain('saved-clocks.json');

    const refused = start();
    expect(await refused.exit).toBe(1);
    expect([task.state, next.state]).toEqual(['leased', 'queued']);

    await rm(governor, { recursive: true });
    await writeFile(governor, 'performance\n');
    task.state = 'queued';
    expect(await start('--once').exit).toBe(0);
    expect(task).toMatchObject({ state: 'completed', leases: 2 });
    expect(await clocksIn(sysfs)).toEqual(AS_BEFORE);
  });
});
