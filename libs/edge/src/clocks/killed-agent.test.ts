import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { childEnvironment, isProcessAlive } from '#runtime';
import { temporaryFolder, TYPESCRIPT_NODE_OPTIONS, waitUntil } from '#testkit';
import { Guardian } from '../guardian/guardian.js';
import { CpufreqController } from './cpufreq-controller.js';
import { restoreLeftoverClocks } from './leftover-clocks.js';
import type { Pinned } from './pin-clocks.fixture.js';
import { writeRange } from './saved-clocks.js';
import { fakeSysfs, limitsOf } from './sysfs.fixture.js';

process.env.NODE_OPTIONS = TYPESCRIPT_NODE_OPTIONS;

const BIG = {
  governor: 'schedutil',
  minKhz: 600_000,
  maxKhz: 2_400_000,
  lowestKhz: 600_000,
  highestKhz: 2_400_000,
};
const LITTLE = { ...BIG, minKhz: 400_000, maxKhz: 1_500_000, lowestKhz: 400_000, highestKhz: 1_500_000 };
const BIG_LIMITS = 'schedutil 600000..2400000';
const LITTLE_LIMITS = 'schedutil 400000..1500000';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let root: string;
let stateFile: string;
beforeEach(async () => {
  folder = await temporaryFolder('cpufreq');
  root = join(folder.path, 'sys');
  stateFile = join(folder.path, 'data', 'clocks.json');
  await fakeSysfs(root, { policy0: LITTLE, policy4: BIG });
});
afterEach(() => folder.remove());

const controllerOf = () => new CpufreqController({ root, stateFile, startGuardian: () => Guardian.start() });

describe('pinning the real clocks', () => {
  it('sets both limits of every policy, reads the clock back and puts everything back', async () => {
    const controller = controllerOf();
    const applied = await controller.apply({ name: 'mid', cpuHz: 1.2e9 });
    expect(applied).toEqual({ clockReadBackHz: 1.2e9, governor: 'schedutil' });
    expect(await limitsOf(root, 'policy0')).toBe('schedutil 1200000..1200000');
    expect(await limitsOf(root, 'policy4')).toBe('schedutil 1200000..1200000');
    expect(existsSync(stateFile)).toBe(true);

    await controller.apply({ name: 'slow', cpuHz: 0.6e9 });
    await controller.restore();
    expect(await limitsOf(root, 'policy0')).toBe(LITTLE_LIMITS);
    expect(await limitsOf(root, 'policy4')).toBe(BIG_LIMITS);
    expect(await readdir(join(folder.path, 'data'))).toEqual([]);
  });

  it('pins small cores to the end of their range when the clock is beyond it', async () => {
    const controller = controllerOf();
    const applied = await controller.apply({ name: 'fast', cpuHz: 2.4e9 });
    expect(applied.clockReadBackHz).toBe(2.4e9);
    expect(await limitsOf(root, 'policy0')).toBe('schedutil 1500000..1500000');
    await controller.restore();
    expect(await limitsOf(root, 'policy0')).toBe(LITTLE_LIMITS);
  });

  it('puts the governor back too', async () => {
    const controller = controllerOf();
    await controller.apply({ name: 'mid', cpuHz: 1.2e9 });
    await writeFile(join(root, 'devices/system/cpu/cpufreq/policy0/scaling_governor'), 'performance');
    await controller.restore();
    expect(await limitsOf(root, 'policy0')).toBe(LITTLE_LIMITS);
  });

  it.each([
    [{ name: 'gpu', gpuHz: 1e9 }, 'sets gpuHz, and this agent pins CPU clocks alone'],
    [{ name: 'share', emulatedCpuShare: 0.5 }, 'has no cpuHz to pin'],
    [
      { name: 'wild', cpuHz: 9e9 },
      'no clock of the CPU can be set to 9000000 kHz; ranges: policy0 400000..1500000',
    ],
  ])('refuses %j', async (point, message) => {
    const controller = controllerOf();
    await expect(controller.apply(point)).rejects.toThrow(message);
    await controller.restore();
    expect(await limitsOf(root, 'policy4')).toBe(BIG_LIMITS);
  });

  it('refuses a machine that shows no clocks', async () => {
    await rm(join(root, 'devices'), { recursive: true });
    await expect(controllerOf().apply({ name: 'mid', cpuHz: 1.2e9 })).rejects.toThrow('no cpufreq policy');
  });
});

describe('the order of the two writes', () => {
  const limitFile = (file: string) => join(root, 'devices/system/cpu/cpufreq/policy4', file);

  it('raises the upper limit first', async () => {
    // A folder in its place refuses the write of the upper limit: whether the lower one changed tells the order.
    await rm(limitFile('scaling_max_freq'));
    await mkdir(limitFile('scaling_max_freq'));
    expect(() => writeRange(root, 'policy4', 2_000_000, 2_000_000)).toThrow('EISDIR');
    expect(await readFile(limitFile('scaling_min_freq'), 'utf8')).toBe('600000\n');
  });

  it('lowers the lower limit first where the new upper limit would be below it', async () => {
    writeRange(root, 'policy4', 2_000_000, 2_000_000);
    await rm(limitFile('scaling_max_freq'));
    await mkdir(limitFile('scaling_max_freq'));
    expect(() => writeRange(root, 'policy4', 700_000, 800_000)).toThrow('EISDIR');
    expect(await readFile(limitFile('scaling_min_freq'), 'utf8')).toBe('700000');
  });
});

describe('an agent that is killed while clocks are pinned', () => {
  async function pinned(): Promise<{ agent: ChildProcess; guardianPid: number }> {
    const entry = join(import.meta.dirname, 'pin-clocks.fixture.ts');
    const agent = fork(entry, [root, stateFile, '1000000000'], { env: childEnvironment({}) });
    const [{ guardianPid }] = (await once(agent, 'message')) as [Required<Pinned>];
    expect(await limitsOf(root, 'policy4')).toBe('schedutil 1000000..1000000');
    return { agent, guardianPid: guardianPid! };
  }

  async function kill(agent: ChildProcess) {
    const exited = once(agent, 'exit');
    agent.kill('SIGKILL');
    await exited;
  }

  it('leaves a guardian that puts them back', async () => {
    const { agent, guardianPid } = await pinned();
    await kill(agent);
    await waitUntil('the guardian ends', () => !isProcessAlive(guardianPid));
    expect(await limitsOf(root, 'policy0')).toBe(LITTLE_LIMITS);
    expect(await limitsOf(root, 'policy4')).toBe(BIG_LIMITS);
    expect(existsSync(stateFile)).toBe(false);
  });

  it('leaves a state file for the next start when the guardian was killed too', async () => {
    const { agent, guardianPid } = await pinned();
    expect(() => restoreLeftoverClocks(root, stateFile)).toThrow(`process id ${agent.pid} holds the clocks`);
    process.kill(guardianPid, 'SIGKILL');
    await kill(agent);
    expect(await limitsOf(root, 'policy4')).toBe('schedutil 1000000..1000000');
    expect(restoreLeftoverClocks(root, stateFile)).toBe(true);
    expect(await limitsOf(root, 'policy4')).toBe(BIG_LIMITS);
    expect(restoreLeftoverClocks(root, stateFile)).toBe(false);
  });
});
