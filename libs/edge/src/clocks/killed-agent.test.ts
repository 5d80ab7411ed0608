import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { childEnvironment, isProcessAlive } from '#runtime';
import { temporaryFolder, TYPESCRIPT_NODE_OPTIONS, waitUntil } from '#testkit';
import { BIG, CPUFREQ, DEVFREQ, fakeSysfs, GPU, limitsOf } from '../sysfs/sysfs.fixture.js';
import { restoreLeftoverClocks } from './leftover-clocks.js';
import type { Pinned } from './pin-clocks.fixture.js';

process.env.NODE_OPTIONS = TYPESCRIPT_NODE_OPTIONS;

const POINT = { name: 'pinned', cpuHz: 1e9, gpuHz: 400e6 };
const POLICY = `${CPUFREQ}/policy4`;
const DEVICE = `${DEVFREQ}/fb000000.gpu`;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let root: string;
let stateFile: string;
beforeEach(async () => {
  folder = await temporaryFolder('killed');
  root = join(folder.path, 'sys');
  stateFile = join(folder.path, 'data', 'clocks.json');
  await fakeSysfs(root, { policies: { policy4: BIG }, devices: { 'fb000000.gpu': GPU } });
});
afterEach(() => folder.remove());

const limits = () => Promise.all([POLICY, DEVICE].map((domain) => limitsOf(root, domain)));
const AS_BEFORE = ['schedutil 600000..2400000', 'simple_ondemand 200000000..800000000'];
const PINNED = ['schedutil 1000000..1000000', 'simple_ondemand 400000000..400000000'];

async function pinned(): Promise<{ agent: ChildProcess; guardianPid: number }> {
  const entry = join(import.meta.dirname, 'pin-clocks.fixture.ts');
  const agent = fork(entry, [root, stateFile, 'tuple', JSON.stringify(POINT)], { env: childEnvironment({}) });
  const [{ guardianPid }] = (await once(agent, 'message')) as [Required<Pinned>];
  expect(await limits()).toEqual(PINNED);
  return { agent, guardianPid: guardianPid! };
}

async function kill(agent: ChildProcess) {
  const exited = once(agent, 'exit');
  agent.kill('SIGKILL');
  await exited;
}

it('a file that an agent was killed in the middle of writing is put back too', async () => {
  const { agent, guardianPid } = await pinned();
  process.kill(guardianPid, 'SIGKILL');
  await kill(agent);
  for (const file of ['scaling_min_freq', 'scaling_governor']) await writeFile(join(root, POLICY, file), '');
  expect(restoreLeftoverClocks(root, stateFile)).toBe(true);
  expect(await limits()).toEqual(AS_BEFORE);
});

describe('an agent that is killed while CPU and GPU clocks are pinned', () => {
  it('leaves a guardian that puts them back', async () => {
    const { agent, guardianPid } = await pinned();
    await kill(agent);
    await waitUntil('the guardian ends', () => !isProcessAlive(guardianPid));
    expect(await limits()).toEqual(AS_BEFORE);
    expect(existsSync(stateFile)).toBe(false);
  });

  it('leaves a state file for the next start when the guardian was killed too', async () => {
    const { agent, guardianPid } = await pinned();
    expect(() => restoreLeftoverClocks(root, stateFile)).toThrow(`process id ${agent.pid} holds the clocks`);
    process.kill(guardianPid, 'SIGKILL');
    await kill(agent);
    expect(await limits()).toEqual(PINNED);
    expect(restoreLeftoverClocks(root, stateFile)).toBe(true);
    expect(await limits()).toEqual(AS_BEFORE);
    expect(restoreLeftoverClocks(root, stateFile)).toBe(false);
  });
});
