import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportOnnx } from '#bundle';
import { denseWidths, resNet } from '#network';
import { randomSubnet } from '#pruning';
import { temporaryFolder, waitUntil } from '#testkit';
import { AgentProcesses, type AgentProcess } from './agent-process.fixture.js';
import { LeaseServer, type ServedTask } from './lease-server.fixture.js';

const input = { channels: 1, height: 8, width: 8 };
const network = resNet({ depth: 8, input, classes: 10, widthMultiplier: 0.25 });
const onnx = exportOnnx(randomSubnet(network, denseWidths(network), 1), { batch: 8 });
const points = [
  { name: 'full', emulatedCpuShare: 1 },
  { name: 'half', emulatedCpuShare: 0.5 },
];
const RATIOS = [0, 0.2, 0.4, 0.6];

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: LeaseServer;
let agents: AgentProcesses;
beforeEach(async () => {
  folder = await temporaryFolder('outage');
  server = await LeaseServer.start();
  agents = new AgentProcesses();
});
afterEach(async () => {
  agents.killAll();
  await server.stop();
  await folder.remove();
});

const start = (): AgentProcess =>
  agents.start(['--server', server.url, '--device', server.device, '--data-dir', folder.path, '--once']);

/** Indices of the cells that wait on disk. */
async function keptCells(task: ServedTask): Promise<number[]> {
  const names = await readdir(join(folder.path, 'cells', task.id)).catch(() => []);
  return names.filter((name) => /^\d+\.json$/.test(name)).map((name) => parseInt(name, 10));
}

/** Takes the network away after the first cell and waits until so many more are measured. */
async function measureOffline(task: ServedTask, cells: number): Promise<void> {
  await waitUntil('the first cell', () => task.uploads.size >= 1);
  server.down = true;
  await waitUntil(
    'cells measured without a network',
    async () => (await keptCells(task)).length >= cells,
    60_000,
  );
}

describe('an agent without a network', () => {
  it('measures its task to the end, and uploads what it kept when the network is back', async () => {
    const task = server.add(onnx, points, RATIOS, 30);
    const agent = start();
    await measureOffline(task, 6);
    const uploaded = task.uploads.size;
    expect(uploaded).toBeLessThan(3);
    server.down = false;
    expect(await agent.exit).toBe(0);
    expect(task).toMatchObject({ state: 'completed', leases: 1 });
    expect(task.uploads.size).toBe(8);
    expect(await readdir(join(folder.path, 'cells'))).toEqual([]);
  });

  it('keeps cells over a SIGKILL, and offers them when it leases the task again', async () => {
    const task = server.add(onnx, points, RATIOS, 30);
    const killed = start();
    await measureOffline(task, 3);
    killed.child.kill('SIGKILL');
    await killed.exit;
    const kept = await keptCells(task);
    const uploaded = task.uploads.size;
    const content = await readFile(join(folder.path, 'cells', task.id, `${kept[0]}.json`), 'utf8');
    server.down = false;
    task.state = 'queued';
    const agent = start();
    expect(await agent.exit).toBe(0);
    expect(task).toMatchObject({ state: 'completed', leases: 2 });
    expect(task.uploads.get(kept[0]!)).toMatchObject(JSON.parse(content) as object);
    expect(agent.output().match(/"msg":"cell measured"/g)).toHaveLength(8 - kept.length - uploaded);
    expect(await readdir(join(folder.path, 'cells'))).toEqual([]);
  });

  it('drops the cells of a task that somebody else has measured meanwhile, and says so', async () => {
    const lost = server.add(onnx, points, RATIOS, 30);
    const killed = start();
    await measureOffline(lost, 2);
    killed.child.kill('SIGKILL');
    await killed.exit;
    lost.state = 'completed';
    const before = lost.uploads.size;
    const next = server.add(onnx, points, [0]);
    server.down = false;
    const agent = start();
    expect(await agent.exit).toBe(0);
    expect(next.state).toBe('completed');
    expect(lost.uploads.size).toBe(before);
    expect(agent.output()).toContain('cells of a task that this agent lost are dropped');
    expect(await readdir(join(folder.path, 'cells'))).toEqual([]);
  });
});
