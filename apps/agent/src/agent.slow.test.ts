import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isProcessAlive } from '#runtime';
import { waitUntil } from '#testkit';
import type { AgentProcess } from './agent-process.fixture.js';
import { AgentWorld, NETWORK, POINTS } from './agent-world.fixture.js';

let world: AgentWorld;
beforeEach(async () => {
  world = await AgentWorld.open('agent');
});
afterEach(() => world.close());

const start = (...args: string[]): AgentProcess => world.start(...args);

/** Processes that an agent started and that still run. */
async function childrenOf(agent: ChildProcess): Promise<number[]> {
  const text = await readFile(`/proc/${agent.pid}/task/${agent.pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}

/** CPU cgroups of an agent, in the places where agents make them when they run beside the root cgroup. */
async function cgroupsOf(agent: ChildProcess): Promise<string[]> {
  const listed = await Promise.all(
    ['cpu', 'cpu,cpuacct', ''].map((name) => readdir(join('/sys/fs/cgroup', name)).catch(() => [])),
  );
  return listed.flat().filter((name) => name === `isochron-agent-${agent.pid}`);
}

describe('the agent', () => {
  it('says when it is ready, measures a task, uploads every cell with its provenance and ends after one', async () => {
    const task = world.server.add(NETWORK, POINTS, [0, 0.5]);
    const agent = start('--once');
    const [ready] = await once(agent.child, 'message');
    expect(ready).toEqual({ type: 'ready' });
    expect(await agent.exit).toBe(0);
    expect(agent.output()).toMatch(/^ready$/m);
    expect(task.state).toBe('completed');
    expect([...task.uploads.keys()].sort()).toEqual([0, 1, 2, 3]);
    const half = task.uploads.get(3)!;
    expect(half.samplesMs).toHaveLength(3);
    expect(half.provenance).toMatchObject({
      runner: 'onnxruntime-node',
      threads: 1,
      batch: 8,
      networkDigest: task.definition.subnets[0]!.onnx.digest,
      emulated: true,
      requestedCpuShare: 0.5,
    });
    // Both ratios name the same bytes: one download serves them.
    expect(world.server.downloads).toHaveLength(1);
  });

  it('keeps its lease while it measures, and its networks for the next task', async () => {
    const first = world.server.add(NETWORK, POINTS, [0], 150);
    const agent = start();
    await waitUntil('the first task', () => first.state === 'completed', 30_000);
    expect(first.heartbeats).toBeGreaterThan(0);
    const second = world.server.add(NETWORK, POINTS, [0]);
    await waitUntil('the second task', () => second.state === 'completed', 30_000);
    expect(world.server.downloads).toHaveLength(1);
    agent.child.kill('SIGTERM');
    expect(await agent.exit).toBe(0);
  });

  it('replaces a kept network that is damaged', async () => {
    const digest = world.server.add(NETWORK, POINTS, [0]).definition.subnets[0]!.onnx.digest;
    expect(await start('--once').exit).toBe(0);
    await writeFile(join(world.folder.path, 'networks', `${digest}.onnx`), 'damaged');
    const again = world.server.add(NETWORK, POINTS, [0]);
    expect(await start('--once').exit).toBe(0);
    expect(again.state).toBe('completed');
    expect(world.server.downloads).toHaveLength(2);
  });

  it('drops a task whose lease is lost and takes it up again where the server has it', async () => {
    const task = world.server.add(NETWORK, POINTS, [0, 0.2, 0.4, 0.6], 60);
    const agent = start('--once');
    await waitUntil('two cells', () => task.uploads.size >= 2, 30_000);
    const done = task.uploads.get(0);
    task.state = 'queued';
    expect(await agent.exit).toBe(0);
    expect(task.leases).toBe(2);
    expect(task.uploads.size).toBe(8);
    expect(task.uploads.get(0)).toBe(done);
    expect(agent.output()).toContain('the lease was lost');
  });

  it('stops measuring a task that is cancelled, and goes on with the next one', async () => {
    const ratios = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7];
    const cancelled = world.server.add(NETWORK, POINTS, ratios, 400);
    const agent = start('--once');
    await waitUntil('the first cell', () => cancelled.uploads.size >= 1, 60_000);
    cancelled.state = 'cancelled';
    const next = world.server.add(NETWORK, POINTS, [0]);
    expect(await agent.exit).toBe(0);
    expect(next).toMatchObject({ state: 'completed', leases: 1 });
    expect(cancelled).toMatchObject({ state: 'cancelled', leases: 1 });
    expect(cancelled.uploads.size).toBeLessThan(2 * ratios.length);
    expect(await readdir(join(world.folder.path, 'cells'))).toEqual([]);
  });

  it('goes on where it was when the network comes back', async () => {
    const task = world.server.add(NETWORK, POINTS, [0, 0.2, 0.4, 0.6], 60);
    const agent = start('--once');
    await waitUntil('two cells', () => task.uploads.size >= 2, 30_000);
    world.server.down = true;
    await waitUntil('some refused requests', () => world.server.refused >= 3, 30_000);
    world.server.down = false;
    expect(await agent.exit).toBe(0);
    expect(task).toMatchObject({ state: 'completed', leases: 1 });
    expect(task.uploads.size).toBe(8);
  });

  it('waits for a server that is not there yet', async () => {
    world.server.down = true;
    const task = world.server.add(NETWORK, POINTS, [0]);
    const agent = start('--once');
    await waitUntil('some refused requests', () => world.server.refused >= 2, 30_000);
    expect(agent.output()).not.toMatch(/^ready$/m);
    world.server.down = false;
    expect(await agent.exit).toBe(0);
    expect(task.state).toBe('completed');
  });

  it.each(['auto', 'duty-cycle'])('leaves no process and no cgroup behind on SIGTERM (%s)', async (kind) => {
    const task = world.server.add(NETWORK, POINTS, [0, 0.2, 0.4], 60);
    const agent = start('--clock-controller', kind);
    await waitUntil('the slow point', () => task.uploads.size >= 4, 60_000);
    const children = await childrenOf(agent.child);
    expect(children.length).toBeGreaterThan(0);
    agent.child.kill('SIGTERM');
    expect(await agent.exit).toBe(0);
    await waitUntil('its processes are gone', () => !children.some(isProcessAlive));
    expect(await cgroupsOf(agent.child)).toEqual([]);
    expect(task.state).toBe('leased');
  });

  it('leaves no process behind when it is killed while the measured one is stopped', async () => {
    const task = world.server.add(NETWORK, [{ name: 'slow', emulatedCpuShare: 0.1 }], [0, 0.5], 50);
    const agent = start('--clock-controller', 'duty-cycle');
    await waitUntil('the first cell', () => task.uploads.size >= 1, 60_000);
    const children = await childrenOf(agent.child);
    expect(children.length).toBeGreaterThan(1);
    agent.child.kill('SIGKILL');
    await waitUntil('its processes are gone', () => !children.some(isProcessAlive));
  });

  it('ends when its launcher disconnects', async () => {
    const agent = start();
    await once(agent.child, 'message');
    agent.child.disconnect();
    expect(await agent.exit).toBe(0);
  });
});

describe('a task that this device cannot measure', () => {
  it('fails with what would help when a point has no share to emulate', async () => {
    const task = world.server.add(NETWORK, [{ name: 'turbo', cpuHz: 2e9 }], [0]);
    expect(await start('--once').exit).toBe(1);
    expect(task.state).toBe('failed');
    expect(task.error).toMatchObject({ code: 'measuring_failed' });
    expect(task.error!.message).toMatch(/"turbo" has no emulatedCpuShare.*--real-clocks/);
  });

  it('fails by digest when the server sends other bytes than named', async () => {
    const task = world.server.add(NETWORK, POINTS, [0]);
    world.server.damage(task);
    expect(await start('--once').exit).toBe(1);
    expect(task.error).toMatchObject({ code: 'artifact_corrupt' });
    expect(await readdir(world.folder.path)).toEqual([]);
  });

  it('fails by name when the bytes are no network', async () => {
    const task = world.server.add(Buffer.from('no network'), POINTS, [0]);
    expect(await start('--once').exit).toBe(1);
    expect(task.error!.message).toContain('.onnx');
  });
});

describe('the command line', () => {
  it('refuses a server that is no URL, by value and what was expected', async () => {
    const agent = start('--server', 'localhost');
    expect(await agent.exit).toBe(1);
    expect(agent.output()).toContain('"localhost", expected an http or https URL');
  });

  it.each([
    [['--label', 'rack'], '"rack", expected key=value: a key of 1 to 63 characters, at most 255 behind it'],
    [['--label', '=7'], '"=7", expected key=value'],
    [['--label', 'rack=7', '--label', 'rack=8'], '"rack" is given twice'],
    [['--soc', ''], '"", expected 1 to 200 characters'],
  ])('refuses to enrol with %j', async (args, message) => {
    const agent = world.agents.start(['enrol', '--server', world.server.url, '--key', 'key', ...args]);
    expect(await agent.exit).toBe(1);
    expect(agent.output()).toContain(message);
  });

  it('refuses a data directory that another agent uses, and names it', async () => {
    const first = start();
    await once(first.child, 'message');
    const second = start();
    expect(await second.exit).toBe(1);
    expect(second.output()).toContain(`is in use by the agent with process id ${first.child.pid}`);
  });

  it('refuses to run without a server or an enrolment, and says what to do', async () => {
    const agent = world.agents.start(['--data-dir', world.folder.path]);
    expect(await agent.exit).toBe(1);
    expect(agent.output()).toMatch(
      /^isochron-agent: the agent cannot go on: --server is not given, and no enrolment is in .*isochron-agent enrol"$/m,
    );
  });

  it('ends when the server does not know the device', async () => {
    const agent = start('--device', '00000000-0000-4000-8000-000000000000');
    expect(await agent.exit).toBe(1);
    expect(agent.output()).toContain('refused with invalid_request');
  });
});
