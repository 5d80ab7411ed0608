import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isProcessAlive } from '#runtime';
import { temporaryFolder, TYPESCRIPT_NODE_OPTIONS } from '#testkit';
import { CGROUP_V1 } from './cgroup/cpu-cgroup.js';
import { findCpuCgroup } from './cgroup/find-cpu-cgroup.js';
import { QuotaController } from './cgroup/quota-controller.js';
import type { ClockController } from './clock-controller.js';
import {
  clockControllerConformance,
  emulatedClockConformance,
  type ControllerHarness,
  type EmulatingHarness,
} from './clock-controller-conformance.fixture.js';
import { SysfsController, type SysfsControllerKind } from './clocks/sysfs-controller.js';
import { DutyCycleController } from './duty-cycle-controller.js';
import { Guardian } from './guardian/guardian.js';
import { RecordedController } from './recorded/recorded-controller.js';
import { readRecordedTable } from './recorded/recorded-table.js';
import { BIG, checksumOf, fakeSysfs, GPU, MEMORY } from './sysfs/sysfs.fixture.js';

process.env.NODE_OPTIONS = TYPESCRIPT_NODE_OPTIONS;

type Points = Pick<ControllerHarness, 'points' | 'unknown'>;

const nothing = () => Promise.resolve();
const none = () => Promise.resolve([]);

/** A sysfs with a second one beside it that looks the same. */
async function onFakeSysfs(kind: SysfsControllerKind, points: Points): Promise<ControllerHarness> {
  const folder = await temporaryFolder('conformance');
  const root = join(folder.path, 'sys');
  const sibling = join(folder.path, 'sys-of-another');
  for (const path of [root, sibling]) {
    await fakeSysfs(path, { policies: { policy0: BIG }, devices: { 'fb000000.gpu': GPU, dmc: MEMORY } });
  }
  const stateFile = join(folder.path, 'data', 'clocks.json');
  const guardians: Guardian[] = [];
  const startGuardian = () => {
    const guardian = Guardian.start();
    guardians.push(guardian);
    return guardian;
  };
  return {
    controller: new SysfsController(kind, { root, stateFile, startGuardian, settleMs: 20 }),
    target: { pid: process.pid, threads: 1 },
    ...points,
    state: async () => (await limitsText(root)).join(),
    leftovers: () =>
      Promise.resolve([stateFile].filter((file) => existsSync(file)).concat(running(guardians))),
    surroundings: () => checksumOf(sibling),
    endTarget: nothing,
    close: () => folder.remove(),
  };
}

/** Ids of the guardians that have not ended. */
function running(guardians: readonly Guardian[]): string[] {
  return guardians.flatMap(({ pid }) =>
    pid !== undefined && isProcessAlive(pid) ? [`guardian ${pid}`] : [],
  );
}

/** The content of every file that a controller may write, without line ends, which the kernel adds. */
function limitsText(root: string): Promise<string[]> {
  const files = [
    ...['scaling_governor', 'scaling_min_freq', 'scaling_max_freq'].map(
      (f) => `devices/system/cpu/cpufreq/policy0/${f}`,
    ),
    ...['fb000000.gpu', 'dmc'].flatMap((device) =>
      ['governor', 'min_freq', 'max_freq'].map((f) => `class/devfreq/${device}/${f}`),
    ),
  ];
  return Promise.resolve(files.map((file) => readFileSync(join(root, file), 'utf8').trim()));
}

clockControllerConformance('cpufreq', () =>
  onFakeSysfs('cpufreq', {
    points: [
      { name: 'slow', cpuHz: 0.6e9 },
      { name: 'fast', cpuHz: 2.4e9 },
    ],
    unknown: { name: 'warp', cpuHz: 9e9 },
  }),
);

clockControllerConformance('devfreq', () =>
  onFakeSysfs('devfreq', {
    points: [
      { name: 'slow', gpuHz: 200e6, memHz: 528e6 },
      { name: 'fast', gpuHz: 800e6 },
    ],
    unknown: { name: 'warp', gpuHz: 300e6 },
  }),
);

clockControllerConformance('tuple', () =>
  onFakeSysfs('tuple', {
    points: [
      { name: 'slow', cpuHz: 0.6e9, gpuHz: 200e6, memHz: 528e6 },
      { name: 'fast', cpuHz: 2.4e9, gpuHz: 800e6 },
    ],
    unknown: { name: 'warp', cpuHz: 2.4e9, gpuHz: 300e6 },
  }),
);

clockControllerConformance('recorded', async () => {
  const folder = await temporaryFolder('recorded');
  const file = join(folder.path, 'table.json');
  const cells = ['slow', 'fast'].map((operatingPoint) => ({ operatingPoint, ratio: 0, samplesMs: [1] }));
  await writeFile(file, JSON.stringify({ cells }));
  return {
    controller: new RecordedController(readRecordedTable(file)),
    target: { pid: process.pid, threads: 1 },
    points: [{ name: 'slow' }, { name: 'fast' }],
    unknown: { name: 'warp' },
    state: nothing,
    leftovers: none,
    surroundings: () => checksumOf(folder.path),
    endTarget: nothing,
    close: () => folder.remove(),
  };
});

type Watched = Pick<EmulatingHarness, 'isHeldBack' | 'leftovers'>;

/** A real process that does nothing, as target of a controller that takes CPU time. */
async function onProcess(
  controller: ClockController,
  watched: (pid: number) => Watched,
): Promise<EmulatingHarness> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const exited = once(child, 'exit');
  const end = async () => {
    child.kill('SIGCONT');
    child.kill('SIGKILL');
    await exited;
  };
  return {
    controller,
    target: { pid: child.pid!, threads: 1 },
    points: [
      { name: 'slow', emulatedCpuShare: 0.5 },
      { name: 'fast', emulatedCpuShare: 1 },
    ],
    unknown: { name: 'warp', cpuHz: 2e9 },
    state: nothing,
    surroundings: nothing,
    ...watched(child.pid!),
    endTarget: end,
    close: end,
  };
}

/** Whether the kernel has the process stopped. */
async function isStopped(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
}

emulatedClockConformance('duty-cycle', () => {
  const guardian = Guardian.start();
  return onProcess(new DutyCycleController(guardian), (pid) => ({
    isHeldBack: () => isStopped(pid),
    leftovers: () => Promise.resolve(running([guardian])),
  }));
});

const cgroup = await findCpuCgroup();
if ('reason' in cgroup) {
  it.skip(`quota as a clock controller: no CPU quota here (${cgroup.reason})`, () => undefined);
} else {
  await cgroup.remove();
  const { folder } = cgroup;
  /** The process is in the group, and the group has a limit. */
  const isLimited = async (pid: number) => {
    const members = (await readFile(join(folder, 'cgroup.procs'), 'utf8')).split('\n');
    const quotaFile = cgroup.version === CGROUP_V1 ? 'cpu.cfs_quota_us' : 'cpu.max';
    return (
      members.includes(String(pid)) && !/^(-1|max)/.test(await readFile(join(folder, quotaFile), 'utf8'))
    );
  };
  emulatedClockConformance('quota', async () => {
    await cgroup.create();
    return onProcess(new QuotaController(cgroup), (pid) => ({
      isHeldBack: () => isLimited(pid),
      leftovers: () => Promise.resolve(existsSync(folder) ? [folder] : []),
    }));
  });
}
