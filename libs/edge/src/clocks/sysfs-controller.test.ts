import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder, TYPESCRIPT_NODE_OPTIONS } from '#testkit';
import { Guardian } from '../guardian/guardian.js';
import { Sysfs } from '../sysfs/sysfs.js';
import {
  BIG,
  checksumOf,
  CPUFREQ,
  DEVFREQ,
  fakeSysfs,
  GPU,
  limitsOf,
  LISTED_BIG,
  LISTED_LITTLE,
  LITTLE,
  MEMORY,
} from '../sysfs/sysfs.fixture.js';
import { ClocksNotRestoredError, writeRange } from './saved-clocks.js';
import { SysfsController, type SysfsControllerKind } from './sysfs-controller.js';

process.env.NODE_OPTIONS = TYPESCRIPT_NODE_OPTIONS;

const SMALL_CORES = `${CPUFREQ}/policy0`;
const BIG_CORES = `${CPUFREQ}/policy4`;
const GPU_DEVICE = `${DEVFREQ}/fb000000.gpu`;
const SMALL_AS_BEFORE = 'schedutil 400000..1500000';
const BIG_AS_BEFORE = 'schedutil 600000..2400000';
const GPU_AS_BEFORE = 'simple_ondemand 200000000..800000000';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let root: string;
let controller: SysfsController;
const open = (kind: SysfsControllerKind) => {
  const stateFile = join(folder.path, 'data', 'clocks.json');
  return new SysfsController(kind, { root, stateFile, startGuardian: () => Guardian.start(), settleMs: 20 });
};
beforeEach(async () => {
  folder = await temporaryFolder('clocks');
  root = join(folder.path, 'sys');
  await fakeSysfs(root, {
    policies: { policy0: LITTLE, policy4: BIG },
    devices: {
      'fb000000.gpu': GPU,
      dmc: MEMORY,
      'fdab0000.npu': { ...GPU, compatible: 'rockchip,rk3588-rknpu' },
    },
  });
  controller = open('tuple');
});
afterEach(async () => {
  await controller.restore();
  await folder.remove();
});

describe('pinning real clocks', () => {
  it('sets both limits of every CPU policy, reads the clock back and puts everything back', async () => {
    controller = open('cpufreq');
    const applied = await controller.apply({ name: 'mid', cpuHz: 1.2e9 });
    expect(applied).toEqual({ clockReadBackHz: 1.2e9, governor: 'schedutil' });
    expect(await limitsOf(root, SMALL_CORES)).toBe('schedutil 1200000..1200000');
    expect(await limitsOf(root, BIG_CORES)).toBe('schedutil 1200000..1200000');
    expect(existsSync(join(folder.path, 'data', 'clocks.json'))).toBe(true);

    await controller.apply({ name: 'slow', cpuHz: 0.6e9 });
    await controller.restore();
    expect(await limitsOf(root, SMALL_CORES)).toBe(SMALL_AS_BEFORE);
    expect(await limitsOf(root, BIG_CORES)).toBe(BIG_AS_BEFORE);
    expect(await readdir(join(folder.path, 'data'))).toEqual([]);
  });

  it('sets CPU, GPU and memory of one point, and frees those that the next point does not name', async () => {
    const applied = await controller.apply({ name: 'all', cpuHz: 1.2e9, gpuHz: 400e6, memHz: 528e6 });
    expect(applied).toEqual({
      clockReadBackHz: 1.2e9,
      gpuReadBackHz: 400e6,
      memReadBackHz: 528e6,
      governor: 'schedutil',
    });
    expect(await limitsOf(root, GPU_DEVICE)).toBe('simple_ondemand 400000000..400000000');
    expect(await limitsOf(root, `${DEVFREQ}/dmc`)).toBe('simple_ondemand 528000000..528000000');
    expect(await controller.apply({ name: 'cpu', cpuHz: 0.6e9 })).toEqual({
      clockReadBackHz: 0.6e9,
      governor: 'schedutil',
    });
    expect(await limitsOf(root, GPU_DEVICE)).toBe(GPU_AS_BEFORE);
  });

  it('pins small cores to the end of their range when the clock is beyond it', async () => {
    expect((await controller.apply({ name: 'fast', cpuHz: 2.4e9 })).clockReadBackHz).toBe(2.4e9);
    expect(await limitsOf(root, SMALL_CORES)).toBe('schedutil 1500000..1500000');
  });

  it.each([
    [0.6e9, '400000..400000', '600000..600000'],
    [1.2e9, '1008000..1008000', '1200000..1200000'],
    [1.5e9, '1500000..1500000', '1200000..1200000'],
    [2.4e9, '1500000..1500000', '2400000..2400000'],
  ])('pins cores whose list has not %d Hz to the nearest clock that they have', async (cpuHz, small, big) => {
    root = join(folder.path, 'listed');
    await fakeSysfs(root, { policies: { policy0: LISTED_LITTLE, policy4: LISTED_BIG } });
    controller = open('cpufreq');
    // What is read back is of the cores that have it.
    expect((await controller.apply({ name: 'point', cpuHz })).clockReadBackHz).toBe(cpuHz);
    expect(await limitsOf(root, SMALL_CORES)).toBe(`schedutil ${small}`);
    expect(await limitsOf(root, BIG_CORES)).toBe(`schedutil ${big}`);
  });

  it('leaves devices alone that it does not recognise', async () => {
    const npu = join(root, 'devices/platform/fdab0000.npu');
    const before = await checksumOf(npu);
    await controller.apply({ name: 'all', cpuHz: 1.2e9, gpuHz: 400e6, memHz: 528e6 });
    await controller.restore();
    expect(await checksumOf(npu)).toBe(before);
  });

  it('puts governors back too', async () => {
    await controller.apply({ name: 'mid', cpuHz: 1.2e9, gpuHz: 400e6 });
    await writeFile(join(root, SMALL_CORES, 'scaling_governor'), 'performance');
    await writeFile(join(root, GPU_DEVICE, 'governor'), 'performance');
    await controller.restore();
    expect(await limitsOf(root, SMALL_CORES)).toBe(SMALL_AS_BEFORE);
    expect(await limitsOf(root, GPU_DEVICE)).toBe(GPU_AS_BEFORE);
  });
});

describe('what cannot be pinned is refused with nothing written', () => {
  it.each<[SysfsControllerKind, { name: string; [clock: string]: number | string }, string]>([
    ['cpufreq', { name: 'gpu', gpuHz: 400e6 }, '"gpu" sets gpuHz, which cpufreq does not pin'],
    ['tuple', { name: 'share', emulatedCpuShare: 0.5 }, '"share" has no cpuHz or gpuHz or memHz to pin'],
    [
      'cpufreq',
      { name: 'wild', cpuHz: 9e9 },
      '"wild": no clock of the cpu can be set to 9000000000 Hz; there is policy0',
    ],
    ['tuple', { name: 'odd', gpuHz: 500e6 }, 'fb000000.gpu with 200000000, 400000000, 800000000 Hz'],
  ])('%s: %j', async (kind, point, message) => {
    const before = await checksumOf(root);
    controller = open(kind);
    await expect(controller.apply(point)).rejects.toThrow(message);
    expect(await checksumOf(root)).toBe(before);
  });

  it('a machine that shows no clocks', async () => {
    await rm(join(root, 'devices/system'), { recursive: true });
    await expect(controller.apply({ name: 'mid', cpuHz: 1.2e9 })).rejects.toThrow('no cpufreq policy');
    await rm(join(root, DEVFREQ), { recursive: true });
    await expect(controller.apply({ name: 'gpu', gpuHz: 4e8 })).rejects.toThrow('no devfreq device of a GPU');
  });
});

describe('a clock that reads other than it was set', () => {
  const readsAs = async (khz: number) => {
    const file = join(root, BIG_CORES, 'scaling_cur_freq');
    await unlink(file);
    await writeFile(file, `${khz}\n`);
  };

  it('by less than 1 % is told', async () => {
    await readsAs(2_390_000);
    expect((await controller.apply({ name: 'top', cpuHz: 2.4e9 })).clockReadBackHz).toBe(2.39e9);
  });

  it('by more is an error after some tries, and everything is put back', async () => {
    await readsAs(1_900_000);
    await expect(controller.apply({ name: 'top', cpuHz: 2.4e9 })).rejects.toThrow(
      '"top": the cpu clock reads 1900000000 Hz where 2400000000 Hz was set (3 times); expected within 1 %',
    );
    await controller.restore();
    expect(await limitsOf(root, BIG_CORES)).toBe(BIG_AS_BEFORE);
  });
});

describe('clocks that could not be put back', () => {
  const limit = () => join(root, BIG_CORES, 'scaling_min_freq');

  it('keep the next controller from pinning others, and are put back by it as soon as they can be', async () => {
    const stateFile = join(folder.path, 'data', 'clocks.json');
    await controller.apply({ name: 'mid', cpuHz: 1.2e9 });
    const saved = await readFile(stateFile, 'utf8');
    await rm(limit());
    await mkdir(limit());
    await expect(controller.restore()).rejects.toThrow(ClocksNotRestoredError);
    const next = open('cpufreq');
    await expect(next.apply({ name: 'slow', cpuHz: 0.6e9 })).rejects.toThrow(ClocksNotRestoredError);
    expect(await readFile(stateFile, 'utf8')).toBe(saved);

    await rm(limit(), { recursive: true });
    await writeFile(limit(), '1200000\n');
    await next.apply({ name: 'slow', cpuHz: 0.6e9 });
    await next.restore();
    expect(await limitsOf(root, SMALL_CORES)).toBe(SMALL_AS_BEFORE);
    expect(await limitsOf(root, BIG_CORES)).toBe(BIG_AS_BEFORE);
    expect(existsSync(stateFile)).toBe(false);
  });
});

describe('the order of the two writes', () => {
  const limitFile = (file: string) => join(root, BIG_CORES, file);
  // A folder in its place refuses the write of the upper limit: whether the lower one changed tells the order.
  const refuseUpperLimit = async () => {
    await rm(limitFile('scaling_max_freq'));
    await mkdir(limitFile('scaling_max_freq'));
  };

  it('raises the upper limit first', async () => {
    await refuseUpperLimit();
    expect(() => writeRange(new Sysfs(root), BIG_CORES, 2_000_000, 2_000_000)).toThrow('EISDIR');
    expect(await readFile(limitFile('scaling_min_freq'), 'utf8')).toBe('600000\n');
  });

  it('lowers the lower limit first where the new upper limit would be below it', async () => {
    writeRange(new Sysfs(root), BIG_CORES, 2_000_000, 2_000_000);
    await refuseUpperLimit();
    expect(() => writeRange(new Sysfs(root), BIG_CORES, 700_000, 800_000)).toThrow('EISDIR');
    expect(await readFile(limitFile('scaling_min_freq'), 'utf8')).toBe('700000');
  });
});

describe('a file that cannot be written', () => {
  it('because it leads out of the root, is left alone, and what was not changed needs no putting back', async () => {
    const outside = join(folder.path, 'outside');
    await writeFile(outside, '800000000\n');
    const file = join(root, 'devices/platform/fb000000.gpu/devfreq/fb000000.gpu/max_freq');
    await unlink(file);
    await symlink(outside, file);
    const before = await checksumOf(root);
    await expect(controller.apply({ name: 'gpu', gpuHz: 400e6 })).rejects.toThrow(/"gpu": .*outside of/);
    expect(await readFile(outside, 'utf8')).toBe('800000000\n');
    await controller.restore();
    expect(await checksumOf(root)).toBe(before);
  });
});
