import { readdir } from 'node:fs/promises';
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
/** The reference cell is looked at again at the end alone. */
const PROTOCOL = { referenceEveryCells: 100, driftLimit: 1, coolDownSeconds: 0 };

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let server: LeaseServer;
let agents: AgentProcesses;
beforeEach(async () => {
  folder = await temporaryFolder('unverified');
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

/** An agent that has uploaded some cells of a task, none of which the reference has confirmed. */
async function measuring(): Promise<{ agent: AgentProcess; task: ServedTask }> {
  const task = server.add(onnx, points, [0, 0.2, 0.4, 0.6], 40, PROTOCOL);
  const agent = start();
  await waitUntil('some cells', () => task.uploads.size >= 4, 60_000);
  return { agent, task };
}

/** Which of the cells that were uploaded before were not uploaded again. */
async function untouched(task: ServedTask, agent: () => AgentProcess): Promise<number[]> {
  const before = [...task.uploads];
  task.state = 'queued';
  expect(await agent().exit).toBe(0);
  expect(task).toMatchObject({ state: 'completed', leases: 2 });
  expect(task.uploads.size).toBe(8);
  expect(await readdir(join(folder.path, 'cells'))).toEqual([]);
  return before.flatMap(([index, cell]) => (task.uploads.get(index) === cell ? [index] : []));
}

describe('cells that the server has and the reference cell has not confirmed are measured again', () => {
  it('after the agent was killed', async () => {
    const { agent, task } = await measuring();
    agent.child.kill('SIGKILL');
    await agent.exit;
    // The reference cell is what others are compared with.
    expect(await untouched(task, start)).toEqual([0]);
  });

  it('after its lease was lost', async () => {
    const { agent, task } = await measuring();
    expect(await untouched(task, () => agent)).toEqual([0]);
  });
});
