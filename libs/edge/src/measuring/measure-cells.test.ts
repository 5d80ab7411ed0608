import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { isProcessAlive } from '#runtime';
import { temporaryFolder, TYPESCRIPT_NODE_OPTIONS } from '#testkit';
import { findCpuCgroup } from '../cgroup/find-cpu-cgroup.js';
import {
  MeasuredProcess,
  measureCells,
  openMeasuring,
  realTime,
  type CellMeasurement,
  type ClockController,
  type EmulationChoice,
  type MeasurePlan,
} from '../index.js';
import { writeResNet } from '../resnet-onnx.fixture.js';

process.env.NODE_OPTIONS = TYPESCRIPT_NODE_OPTIONS;

const points = [
  { name: 'full', emulatedCpuShare: 1 },
  { name: 'half', emulatedCpuShare: 0.5 },
];
const protocol = {
  ...{ batch: 8, threads: 1, warmupSamples: 1, samples: 3, minSampleMs: 60, relativeInterval: 0.02 },
  ...{ maxSamples: 3, cellSeconds: 30, referenceEveryCells: 0, referenceEveryMinutes: 10 },
  ...{ driftLimit: 0.03, coolDownSeconds: 0 },
};

const cgroup = await findCpuCgroup();
const quotaIsPossible = !('reason' in cgroup);
if ('reason' in cgroup) console.log(`no CPU quota here (${cgroup.reason}): the duty cycle alone is tested`);
else await cgroup.remove();

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let file: string;
beforeAll(async () => {
  folder = await temporaryFolder('cells');
  file = await writeResNet(join(folder.path, 'net.onnx'));
});
afterAll(() => folder.remove());

const open = async (emulation: EmulationChoice): Promise<ClockController> => {
  const stateFile = join(folder.path, 'clocks.json');
  return (await openMeasuring({ realClocks: false, emulation, stateFile, points })).controller;
};

const measure = (plan: MeasurePlan, controller: ClockController, runner: MeasuredProcess) =>
  measureCells(plan, { controller, runner, time: realTime(new AbortController().signal), sysfsRoot: '/sys' });

/** CPU time that a process has used in all its threads, in milliseconds (the kernel counts in 10 ms). */
async function cpuTimeMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/**
 * How many times longer samples take for their CPU time than with the whole CPU, which is measured in turns. Other work on the
 * machine can only lengthen a round, so the shortest of each kind tells what the clock does.
 */
async function slowdown(emulation: EmulationChoice, emulatedCpuShare: number): Promise<number> {
  const controller = await open(emulation);
  const measured = MeasuredProcess.start();
  const paces: { full: number[]; slowed: number[] } = { full: [], slowed: [] };
  try {
    await measured.load({ file, batch: 8, threads: 1 });
    const runsPerSample = await measured.runsLasting(60);
    const target = { pid: measured.pid, threads: 1 };
    const paceAt = async (share: number) => {
      await controller.apply({ name: 'share', emulatedCpuShare: share }, target);
      const before = await cpuTimeMs(measured.pid);
      const samplesMs = await measured.sample({ runsPerSample, samples: 6 });
      const sampledMs = samplesMs.reduce((sum, ms) => sum + ms * runsPerSample, 0);
      return sampledMs / ((await cpuTimeMs(measured.pid)) - before);
    };
    for (let round = 0; round < 4; round++) {
      paces.full.push(await paceAt(1));
      paces.slowed.push(await paceAt(emulatedCpuShare));
    }
  } finally {
    await measured.stop();
    await controller.restore();
  }
  expect(isProcessAlive(measured.pid)).toBe(false);
  return Math.min(...paces.slowed) / Math.min(...paces.full);
}

describe('emulated clocks', () => {
  (quotaIsPossible ? it : it.skip)(
    'by a quota of half the CPU make real work take about twice as long',
    async () => {
      const half = await slowdown('quota', 0.5);
      expect(half).toBeGreaterThan(1.6);
      expect(half).toBeLessThan(2.6);
    },
  );

  it('by a duty cycle of a half make real work take about twice as long', async () => {
    const half = await slowdown('duty-cycle', 0.5);
    expect(half).toBeGreaterThan(1.6);
    expect(half).toBeLessThan(2.6);
  });

  it('leave the whole share unlimited', async () => {
    expect(await slowdown('auto', 1)).toBeLessThan(1.6);
  });

  it('prefer the quota where the kernel gives one', async () => {
    const controller = await open('auto');
    expect(controller.kind).toMatch(quotaIsPossible ? /quota$/ : /^duty-cycle$/);
    await controller.restore();
  });
});

describe('the cells of a plan', () => {
  it('are skipped where they are done; one size of sample serves all points', async () => {
    const cells = points.flatMap((point, p) =>
      [0, 0.5].map((ratio, r) => ({ index: p * 2 + r, operatingPoint: point.name, ratio })),
    );
    const controller = await open('duty-cycle');
    const measured = MeasuredProcess.start();
    const plan = { operatingPoints: points, cells, doneCells: [1], protocol, fileOf: () => file };
    const taken: CellMeasurement[] = [];
    for await (const cell of measure(plan, controller, measured)) taken.push(cell);
    await measured.stop();
    await controller.restore();
    expect(taken.map((cell) => cell.cell.index)).toEqual([0, 2, 3]);
    expect(taken[0]!.runsPerSample).toBe(taken[1]!.runsPerSample);
    for (const { runsPerSample, samplesMs } of taken) {
      expect(samplesMs).toHaveLength(3);
      // One run of so small a network is much shorter than a sample is to last.
      expect(runsPerSample).toBeGreaterThan(1);
    }
    expect(taken.map((cell) => cell.requestedCpuShare)).toEqual([1, 0.5, 0.5]);
  });

  it('fail when the measured process ends, and no signal is sent to it any more', async () => {
    const controller = await open('duty-cycle');
    const measured = MeasuredProcess.start();
    const cells = [{ index: 0, operatingPoint: 'half', ratio: 0 }];
    const plan = { operatingPoints: points, cells, doneCells: [], protocol, fileOf: () => file };
    const first = measure(plan, controller, measured).next();
    process.kill(measured.pid, 'SIGKILL');
    await expect(first).rejects.toThrow('the measured process ended (signal SIGKILL)');
    await controller.restore();
  });
});

it('the measured process has no wait of its own', async () => {
  for (const name of ['measured.process.ts', 'time-runs.ts', 'load-network.ts']) {
    const source = await readFile(join(import.meta.dirname, '../measured', name), 'utf8');
    expect(source).not.toMatch(/setTimeout|setInterval|timers|Atomics/);
  }
});
