import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitUntil } from '#testkit';
import type { AgentProcess } from './agent-process.fixture.js';
import { AgentWorld, NETWORK, POINTS } from './agent-world.fixture.js';
import type { ServedTask } from './lease-server.fixture.js';

const RATIOS = [0, 0.2, 0.4, 0.6];

let world: AgentWorld;
beforeEach(async () => {
  world = await AgentWorld.open('outage');
});
afterEach(() => world.close());

const start = (): AgentProcess => world.start('--once');

/** Indices of the cells that wait on disk. */
async function keptCells(task: ServedTask): Promise<number[]> {
  const names = await readdir(join(world.folder.path, 'cells', task.id)).catch(() => []);
  return names.filter((name) => /^\d+\.json$/.test(name)).map((name) => parseInt(name, 10));
}

/** Takes the network away after the first cell and waits until so many more are measured. */
async function measureOffline(task: ServedTask, cells: number): Promise<void> {
  await waitUntil('the first cell', () => task.uploads.size >= 1);
  world.server.down = true;
  await waitUntil(
    'cells measured without a network',
    async () => (await keptCells(task)).length >= cells,
    60_000,
  );
}

describe('an agent without a network', () => {
  it('measures its task to the end, and uploads what it kept when the network is back', async () => {
    const task = world.server.add(NETWORK, POINTS, RATIOS, 30);
    const agent = start();
    await measureOffline(task, 6);
    const uploaded = task.uploads.size;
    expect(uploaded).toBeLessThan(3);
    world.server.down = false;
    expect(await agent.exit).toBe(0);
    expect(task).toMatchObject({ state: 'completed', leases: 1 });
    expect(task.uploads.size).toBe(8);
    expect(await readdir(join(world.folder.path, 'cells'))).toEqual([]);
    expect(agent.output().match(/will try again/g)).toHaveLength(1);
    expect(agent.output().match(/the server answers again/g)).toHaveLength(1);
  });

  it('keeps cells over a SIGKILL, and offers them when it leases the task again', async () => {
    const task = world.server.add(NETWORK, POINTS, RATIOS, 30);
    const killed = start();
    await measureOffline(task, 3);
    killed.child.kill('SIGKILL');
    await killed.exit;
    const kept = await keptCells(task);
    const uploaded = task.uploads.size;
    const content = await readFile(join(world.folder.path, 'cells', task.id, `${kept[0]}.json`), 'utf8');
    world.server.down = false;
    task.state = 'queued';
    const agent = start();
    expect(await agent.exit).toBe(0);
    expect(task).toMatchObject({ state: 'completed', leases: 2 });
    expect(task.uploads.get(kept[0]!)).toMatchObject(JSON.parse(content) as object);
    expect(agent.output().match(/"msg":"cell measured"/g)).toHaveLength(8 - kept.length - uploaded);
    expect(await readdir(join(world.folder.path, 'cells'))).toEqual([]);
  });

  it('drops the cells of a task that somebody else has measured meanwhile, and says so', async () => {
    const lost = world.server.add(NETWORK, POINTS, RATIOS, 30);
    const killed = start();
    await measureOffline(lost, 2);
    killed.child.kill('SIGKILL');
    await killed.exit;
    lost.state = 'completed';
    const before = lost.uploads.size;
    const next = world.server.add(NETWORK, POINTS, [0]);
    world.server.down = false;
    const agent = start();
    expect(await agent.exit).toBe(0);
    expect(next.state).toBe('completed');
    expect(lost.uploads.size).toBe(before);
    expect(agent.output()).toContain('cells of a task that this agent lost are dropped');
    expect(await readdir(join(world.folder.path, 'cells'))).toEqual([]);
  });
});
