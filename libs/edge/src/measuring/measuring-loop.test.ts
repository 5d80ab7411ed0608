import { mkdirSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '#testkit';
import type { AppliedClock } from '../clock-controller.js';
import type { NetworkRunner } from '../measured/network-runner.port.js';
import { RecordedController } from '../recorded/recorded-controller.js';
import { RecordedRunner } from '../recorded/recorded-runner.js';
import { readRecordedTable } from '../recorded/recorded-table.js';
import type { CellMeasurement } from './measure-cell.js';
import { measureCells } from './measure-cells.js';
import type { MeasuringTime } from './measuring-tools.js';
import { adaptiveCells } from './adaptive-cells.js';
import type { MeasurePlan, NextCell } from './cell-plan.js';

const POINTS = [
  { name: 'fast', cpuHz: 2e9 },
  { name: 'slow', cpuHz: 1e9 },
];
const RATIOS = [0, 0.2, 0.4, 0.6];
const PROTOCOL = {
  ...{ batch: 1, threads: 1, warmupSamples: 2, samples: 8, minSampleMs: 0, relativeInterval: 0.02 },
  ...{ maxSamples: 8, cellSeconds: 5, referenceEveryCells: 3, referenceEveryMinutes: 60 },
  ...{ driftLimit: 0.03, coolDownSeconds: 10 },
};
const cells = POINTS.flatMap((point, p) =>
  RATIOS.map((ratio, r) => ({ index: p * 4 + r, operatingPoint: point.name, ratio })),
);

const SAMPLE_MS = 125;

/** A recorded device whose latencies the test multiplies, and whose time passes only in waits and samples. */
class SlowingDevice {
  factor = 1;
  nowMs = 0;
  waitedMs = 0;
  /** What a wait does to the device, and what sampling does. */
  onWait: () => void = () => undefined;
  onSample: (seconds: number) => void = () => undefined;
  sysfsRoot = '/nowhere';
  readonly loaded: string[] = [];
  readonly controller: RecordedController;
  readonly runner: NetworkRunner;
  readonly time: MeasuringTime = {
    nowMs: () => this.nowMs,
    wait: (ms) => {
      this.nowMs += ms;
      this.waitedMs += ms;
      this.onWait();
      return Promise.resolve();
    },
  };

  constructor(file: string) {
    const table = readRecordedTable(file);
    this.controller = new RecordedController(table);
    this.runner = this.slowed(new RecordedRunner(table, this.controller, 1));
  }

  measure(plan: Partial<MeasurePlan> = {}): AsyncGenerator<CellMeasurement> {
    const whole = {
      operatingPoints: POINTS,
      cells,
      doneCells: [],
      protocol: PROTOCOL,
      fileOf: () => 'net',
      ...plan,
    };
    return measureCells(whole, this);
  }

  private slowed(runner: RecordedRunner): NetworkRunner {
    return {
      name: runner.name,
      pid: runner.pid,
      load: (network) => runner.load(network),
      runsLasting: () => runner.runsLasting(),
      stop: () => runner.stop(),
      sample: async (request) => {
        this.nowMs += request.samples * SAMPLE_MS;
        this.onSample((request.samples * SAMPLE_MS) / 1000);
        return (await runner.sample(request)).map((ms) => ms * this.factor);
      },
    };
  }
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let device: SlowingDevice;
beforeEach(async () => {
  folder = await temporaryFolder('loop');
  const file = join(folder.path, 'table.json');
  const recorded = cells.map(({ operatingPoint, ratio }) => ({
    ...{ operatingPoint, ratio },
    samplesMs: [0.999, 1, 1.001].map((noise) => noise * (operatingPoint === 'fast' ? 10 : 20) * (1 - ratio)),
  }));
  await writeFile(file, JSON.stringify({ cells: recorded }));
  device = new SlowingDevice(file);
});
afterEach(() => folder.remove());

async function collect(
  measurements: AsyncGenerator<CellMeasurement>,
  each: (m: CellMeasurement, n: number) => void,
) {
  const all: CellMeasurement[] = [];
  for await (const measurement of measurements) each(measurement, all.push(measurement));
  return all;
}
const indices = (all: readonly CellMeasurement[]) => all.map(({ cell }) => cell.index);

describe('the measuring loop', () => {
  it('measures every cell once on a steady device, the reference first', async () => {
    const all = await collect(device.measure(), () => undefined);
    expect(indices(all)).toEqual([0, 2, 1, 3, 4, 6, 5, 7]);
    expect(all[0]!.sampling).toMatchObject({ endedBy: 'interval', steady: true, warmupSamples: 4 });
    expect(all.every(({ drift, attempts }) => drift === undefined && attempts === 1)).toBe(true);
    expect(device.waitedMs).toBe(0);
  });

  it('measures the cells since the last good reference again, once the device has cooled down', async () => {
    device.onWait = () => (device.factor = 1);
    let waitedMs = 0;
    const all = await collect(device.measure(), (_, count) => {
      if (count === 2) device.factor = 1.2;
      if (count === 5) waitedMs = device.waitedMs;
    });
    expect(indices(all).slice(0, 7)).toEqual([0, 2, 1, 3, 2, 1, 3]);
    expect(all.some(({ drift }) => drift !== undefined)).toBe(false);
    const last = new Map(all.map((measurement) => [measurement.cell.index, measurement]));
    expect(Math.max(...last.get(1)!.samplesMs)).toBeLessThan(8.1);
    expect(waitedMs).toBe(10_000);
  });

  it('marks what it measured on a device that stays changed, and waits for a limited time', async () => {
    const told: number[] = [];
    let resting = 0;
    const onDrift = (change: number) => {
      told.push(change);
      expect(++resting).toBe(1);
    };
    const all = await collect(device.measure({ onDrift, onRested: () => resting-- }), (_, count) => {
      expect(resting).toBe(0);
      if (count === 4) device.factor = 1.2;
    });
    const last = new Map(all.map((measurement) => [measurement.cell.index, measurement]));
    expect(last.size).toBe(8);
    // Those that were measured before it are marked too: when it changed since the last good reference is not known.
    for (const index of [2, 1, 3, 4, 6, 5, 7]) expect(last.get(index)!.drift).toBeCloseTo(0.2, 2);
    expect(last.get(0)!.drift).toBeUndefined();
    const coolDowns = 3 * 3;
    expect(told.slice(0, 3)).toEqual(Array(3).fill(expect.closeTo(0.2, 2)));
    const bursts = (device.nowMs - device.waitedMs) / 2_000;
    expect(device.waitedMs).toBeLessThan((coolDowns + bursts) * 10_000);
  });

  it('finds a change in the last cells too, and leaves the reference out where it is not asked for', async () => {
    const late = await collect(device.measure(), (_, count) => {
      if (count === 7) device.factor = 0.8;
    });
    expect(late.at(-1)!.drift).toBeCloseTo(-0.2, 2);
    device.factor = 1;
    const protocol = { ...PROTOCOL, referenceEveryCells: 0 };
    const all = await collect(device.measure({ protocol }), (_, count) => {
      if (count === 1) device.factor = 1.5;
    });
    expect(indices(all)).toHaveLength(8);
  });

  it('takes the reference again after a while, however few cells there were', async () => {
    const protocol = { ...PROTOCOL, referenceEveryCells: 100, referenceEveryMinutes: 0.1 };
    device.onWait = () => (device.factor = 1);
    const all = await collect(device.measure({ protocol }), (_, count) => {
      if (count === 2) device.factor = 1.2;
    });
    expect(all.length).toBeGreaterThan(8);
  });

  it('tells which cells the reference has not confirmed: before one is handed over, and when they are', async () => {
    let unverified: readonly number[] = [];
    const onUnverified = (cellIndices: readonly number[]) => (unverified = cellIndices);
    const told: [number, readonly number[]][] = [];
    device.onWait = () => (device.factor = 1);
    await collect(device.measure({ onUnverified }), ({ cell }, count) => {
      told.push([cell.index, unverified]);
      if (count === 2) device.factor = 1.2;
    });
    expect(told).toEqual([
      ...[
        [0, []],
        [2, [2]],
        [1, [2, 1]],
        [3, [2, 1, 3]],
      ],
      // Measured again after the drift, they are not confirmed before the reference was looked at once more.
      ...[2, 1, 3].map((index) => [index, [2, 1, 3]]),
      ...[
        [4, [4]],
        [6, [4, 6]],
        [5, [4, 6, 5]],
        [7, [7]],
      ],
    ]);
    expect(unverified).toEqual([]);
  });

  it('tells nothing where no reference is asked for', async () => {
    const protocol = { ...PROTOCOL, referenceEveryCells: 0 };
    const onUnverified = () => {
      throw new Error('told');
    };
    expect(await collect(device.measure({ protocol, onUnverified }), () => undefined)).toHaveLength(8);
  });

  it('goes on after cells that are done, with a reference of its own', async () => {
    const all = await collect(device.measure({ doneCells: [0, 1, 2] }), () => undefined);
    expect(indices(all)).toEqual([3, 4, 6, 5, 7]);
  });

  it('asks which cell is next, and ends when told that there is none', async () => {
    const nextCell: NextCell = ({ remaining, measured }) =>
      measured.length < 3 ? remaining.at(-1) : undefined;
    const all = await collect(device.measure({ nextCell }), () => undefined);
    expect(indices(all)).toEqual([0, 7, 5]);
  });

  it('measures what settles the choices, and goes on from what is known', async () => {
    const operatingPoints = POINTS.map(({ name, cpuHz }) => ({ name, clocks: { cpuHz } }));
    const target = { kind: 'fastest-at-ratio', ratio: 0 } as const;
    const wanted = { target, tolerance: 0.05, mode: 'stable' as const };
    const options = { operatingPoints, cells, ...wanted, known: [], measuredBefore: [] };
    const all = await collect(device.measure({ nextCell: adaptiveCells(options) }), () => undefined);
    const chosen = indices(all);
    expect(chosen.length).toBeLessThan(cells.length);
    expect(new Set(all.map(({ cell }) => cell.operatingPoint)).size).toBe(POINTS.length);
    const known = all.slice(0, 2).map(({ cell, samplesMs }) => ({ ...cell, p50Ms: samplesMs[0]! }));
    const measuredBefore = all.slice(2, 3);
    const nextCell = adaptiveCells({ ...options, known, measuredBefore });
    const doneCells = chosen.slice(0, 3);
    const rest = await collect(device.measure({ nextCell, doneCells }), () => undefined);
    expect(indices(rest)).toEqual(chosen.slice(3));
  });

  it('stops sampling after the time that a cell has', async () => {
    const protocol = {
      ...PROTOCOL,
      maxSamples: 1000,
      relativeInterval: 0,
      cellSeconds: 3,
      referenceEveryCells: 0,
    };
    const [first] = await collect(device.measure({ protocol }), () => undefined);
    expect(first!.sampling.endedBy).toBe('cell-seconds');
  });
});

describe('a device that heats up within a few seconds of work', () => {
  beforeEach(() => {
    let workedSeconds = 0;
    device.onSample = (seconds) => (device.factor = (workedSeconds += seconds) > 3 ? 1.2 : 1);
    device.onWait = () => (workedSeconds = 0);
  });

  it('gets rests once it has drifted, over cells too, and shows what it does when cool', async () => {
    const all = await collect(device.measure(), () => undefined);
    expect(indices(all)).toEqual([0, 2, 1, 3, 2, 1, 3, 4, 6, 5, 7]);
    for (const { cell, drift, samplesMs } of all.slice(4)) {
      const truthMs = (cell.operatingPoint === 'fast' ? 10 : 20) * (1 - cell.ratio);
      expect(Math.max(...samplesMs)).toBeLessThan(1.01 * truthMs);
      expect(drift).toBeUndefined();
    }
  });

  it('has its samples counted against the time of a cell, not its rests', async () => {
    const protocol = { ...PROTOCOL, samples: 160, maxSamples: 1000, relativeInterval: 0, cellSeconds: 20 };
    let heats = false;
    const heating = device.onSample;
    device.onSample = (seconds) => heats && heating(seconds);
    const all = await collect(device.measure({ protocol }), (_, count) => (heats = count > 0));
    expect(device.waitedMs).toBeGreaterThan(60_000);
    expect(all.at(-1)!.samplesMs.length).toBeGreaterThanOrEqual(20_000 / SAMPLE_MS);
  });

  it('gets no rests where it is not to be left alone', async () => {
    const protocol = { ...PROTOCOL, coolDownSeconds: 0 };
    const all = await collect(device.measure({ protocol }), () => undefined);
    expect(device.waitedMs).toBe(0);
    expect(all.at(-1)!.drift).toBeCloseTo(0.2, 2);
  });
});

describe('a device that throttles while a cell is sampled', () => {
  const one = (protocol: Partial<typeof PROTOCOL> = {}) => ({
    protocol: { ...PROTOCOL, referenceEveryCells: 0, ...protocol },
    cells: cells.slice(0, 1),
  });
  const cooling = (state: number) => {
    const cooler = join(folder.path, 'class/thermal/cooling_device0');
    mkdirSync(cooler, { recursive: true });
    writeFileSync(join(cooler, 'type'), 'cpufreq-cpu0\n');
    writeFileSync(join(cooler, 'cur_state'), `${state}\n`);
  };
  beforeEach(() => {
    device.sysfsRoot = folder.path;
    cooling(2);
  });

  it('is left alone, and the cell is measured again', async () => {
    device.onWait = () => cooling(0);
    const [cell] = await collect(device.measure(one()), () => undefined);
    expect(cell).toMatchObject({ attempts: 2, throttled: false });
    expect(device.waitedMs).toBe(10_000);
  });

  it('and goes on to do so is told, after one more try', async () => {
    const [cell] = await collect(device.measure(one()), () => undefined);
    expect(cell).toMatchObject({ attempts: 2, throttled: true });
    expect(device.waitedMs).toBe(10_000);
  });

  it('is measured again at once where it is not to be left alone', async () => {
    const [cell] = await collect(device.measure(one({ coolDownSeconds: 0 })), () => undefined);
    expect(cell).toMatchObject({ attempts: 2, throttled: true });
    expect(device.waitedMs).toBe(0);
  });
});

describe('a clock that moves while a cell is sampled', () => {
  const reads = (...hz: number[]) => {
    const readBack = (): Promise<AppliedClock> => {
      return Promise.resolve({ clockReadBackHz: hz.length > 1 ? hz.shift()! : hz[0]! });
    };
    device.controller.readBack = readBack;
    device.controller.apply = async (point) => {
      await RecordedController.prototype.apply.call(device.controller, point).catch(() => undefined);
      return {};
    };
  };
  const protocol = { ...PROTOCOL, referenceEveryCells: 0 };

  it('has the cell measured again after a while', async () => {
    reads(2e9, 1.5e9, 2e9, 2e9);
    const one = { protocol, cells: cells.slice(0, 1) };
    const [cell] = await collect(device.measure(one), () => undefined);
    expect(cell).toMatchObject({ attempts: 2, clockReadBackHz: 2e9 });
    expect(device.waitedMs).toBe(10_000);
  });

  it('fails with what was read and what was set when it moves every time', async () => {
    reads(1.5e9);
    await expect(collect(device.measure({ protocol }), () => undefined)).rejects.toThrow(
      'operating point "fast", ratio 0: after sampling, the cpu clock reads 1500000000 Hz where 2000000000 Hz was set',
    );
  });
});
