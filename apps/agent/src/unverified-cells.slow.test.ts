import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { waitUntil } from '#testkit';
import type { AgentProcess } from './agent-process.fixture.js';
import { AgentWorld, NETWORK, POINTS } from './agent-world.fixture.js';
import type { ServedTask } from './lease-server.fixture.js';

/** The reference cell is looked at again at the end alone. */
const PROTOCOL = { referenceEveryCells: 100, driftLimit: 1, coolDownSeconds: 0 };

let world: AgentWorld;
beforeEach(async () => {
  world = await AgentWorld.open('unverified');
});
afterEach(() => world.close());

const start = (): AgentProcess => world.start('--once');

/** An agent that has uploaded some cells of a task, none of which the reference has confirmed. */
async function measuring(): Promise<{ agent: AgentProcess; task: ServedTask }> {
  const task = world.server.add(NETWORK, POINTS, [0, 0.2, 0.4, 0.6], 40, PROTOCOL);
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
  expect(await readdir(join(world.folder.path, 'cells'))).toEqual([]);
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
