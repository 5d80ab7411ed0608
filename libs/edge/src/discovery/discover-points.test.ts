import { join } from 'node:path';
import { temporaryFolder } from '#testkit';
import { BIG, checksumOf, fakeSysfs, GPU, LITTLE, MEMORY, writeFiles } from '../sysfs/sysfs.fixture.js';
import { discoverPoints } from './discover-points.js';
import { DEFAULT_AXES, type PointOptions } from './propose-points.js';

const OPTIONS: PointOptions = { axes: DEFAULT_AXES, maxPoints: 16 };
const listed = { ...BIG, listedHz: [600e6, 1.2e9, 2.4e9] };

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let root: string;
beforeEach(async () => {
  folder = await temporaryFolder('points');
  root = folder.path;
});
afterEach(() => folder.remove());

const discover = (options: Partial<PointOptions> = {}) => discoverPoints(root, { ...OPTIONS, ...options });
const namesOf = ({ operatingPoints }: ReturnType<typeof discover>) =>
  operatingPoints.map((point) => point.name);

describe('the operating points of a device', () => {
  it('are every clock of the biggest CPU policy and of the GPU, with the others at their highest', async () => {
    const devices = { 'fb000000.gpu': GPU, dmc: MEMORY };
    await fakeSysfs(root, { policies: { policy0: LITTLE, policy4: listed }, devices });
    const before = await checksumOf(root);
    const found = discover();
    expect(found).toMatchObject({
      emulated: false,
      operatingPoints: [
        { name: 'max', cpuHz: 2.4e9, gpuHz: 800e6, memHz: 2.112e9 },
        { name: 'cpu-1200mhz', cpuHz: 1.2e9, gpuHz: 800e6, memHz: 2.112e9 },
        { name: 'cpu-600mhz', cpuHz: 600e6, gpuHz: 800e6, memHz: 2.112e9 },
        { name: 'gpu-400mhz', cpuHz: 2.4e9, gpuHz: 400e6, memHz: 2.112e9 },
        { name: 'gpu-200mhz', cpuHz: 2.4e9, gpuHz: 200e6, memHz: 2.112e9 },
      ],
    });
    expect(found.clocks.find(({ name }) => name === 'policy4')).toMatchObject({
      axis: 'cpu',
      cpus: [4, 5, 6, 7],
      governor: 'schedutil',
      governors: ['schedutil', 'performance'],
      notPinnable: undefined,
    });
    expect(await checksumOf(root)).toBe(before);
  });

  it('are those of the chosen clocks, spread evenly where there would be many', async () => {
    await fakeSysfs(root, { policies: { policy0: listed }, devices: { dmc: MEMORY } });
    expect(namesOf(discover({ axes: ['mem'] }))).toEqual(['max', 'mem-528mhz']);
    const many = { ...BIG, listedHz: Array.from({ length: 19 }, (_, i) => (6 + i) * 100e6) };
    await fakeSysfs(join(root, 'many'), { policies: { policy0: many } });
    const { operatingPoints } = discoverPoints(join(root, 'many'), { axes: ['cpu'], maxPoints: 4 });
    expect(operatingPoints.map((point) => point.cpuHz)).toEqual([2.4e9, 1.8e9, 1.2e9, 0.6e9]);
  });

  it('are steps of the range where the kernel lists no clocks', async () => {
    await fakeSysfs(root, { policies: { policy0: { ...BIG, lowestHz: 1e9, highestHz: 4.5e9 } } });
    const clocks = discover().operatingPoints.map((point) => point.cpuHz);
    expect(clocks).toEqual([4.5e9, 4e9, 3.5e9, 3e9, 2.5e9, 2e9, 1.5e9, 1e9]);
  });

  it('are emulated where no clock can be pinned, and that is said', async () => {
    await fakeSysfs(root, { devices: { 'fdab0000.npu': { ...GPU, compatible: 'rockchip,rk3588-rknpu' } } });
    const found = discover({ maxPoints: 3 });
    expect(found.emulated).toBe(true);
    expect(found.operatingPoints.map((point) => point.emulatedCpuShare)).toEqual([1, 0.6, 0.25]);
    expect(found.clocks).toMatchObject([{ name: 'fdab0000.npu', axis: undefined }]);
    expect(found.clocks[0]!.notPinnable).toContain('neither its name nor its device tree');
  });
});

describe('devices behind devfreq', () => {
  const NAMES = {
    gpu: [
      '57000000.gpu',
      '17000000.gp10b',
      '17000000.gv11b',
      '17000000.ga10b',
      '17000000.gpu',
      '13000000.mali',
    ],
    mem: ['dmc', 'soc:bus_dmc', '17000010.devfreq_mif', '31b0000.emc'],
    none: ['fdab0000.npu', 'soc:bus_wcore', '1d84000.ufshc', 'e6800000.ethernet', '15340000.vic'],
  };

  it.each(Object.entries(NAMES))('are recognised by their names: %s', async (axis, names) => {
    const plain = { ...GPU, compatible: undefined };
    await fakeSysfs(root, { devices: Object.fromEntries(names.map((name) => [name, plain])) });
    const { clocks } = discover();
    expect(clocks.map((clock) => [clock.name, clock.axis ?? 'none']).sort()).toEqual(
      names.map((name) => [name, axis]).sort(),
    );
  });

  it('are recognised by what the device tree says', async () => {
    await fakeSysfs(root, { devices: { '5000000.qcom': { ...GPU, compatible: 'qcom,kgsl-3d0' } } });
    expect(discover().clocks[0]!.axis).toBe('gpu');
  });

  it("Jetson's memory is read and never pinned", async () => {
    await fakeSysfs(root, { policies: { policy0: listed }, devices: { '17000000.gpu': GPU } });
    await writeFiles(join(root, 'kernel/debug/bpmp/debug/clk/emc'), {
      rate: 2133e6,
      min_rate: 204e6,
      max_rate: 3199e6,
    });
    const { clocks, operatingPoints } = discover({ axes: ['cpu', 'gpu', 'mem'] });
    expect(clocks.at(-1)).toMatchObject({ name: 'emc', axis: 'mem', currentHz: 2133e6, highestHz: 3199e6 });
    expect(clocks.at(-1)!.notPinnable).toContain('nvpmodel');
    expect(operatingPoints.every((point) => point.memHz === undefined)).toBe(true);
  });
});
