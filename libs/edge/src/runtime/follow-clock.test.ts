import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder, waitUntil } from '#testkit';
import { BIG, CPUFREQ, DEVFREQ, GPU, LITTLE, MEMORY, fakeSysfs } from '../sysfs/sysfs.fixture.js';
import { kernelClocks } from './clock-source.js';
import { DeviceRuntime } from './device-runtime.js';
import { bundle, points } from './small-bundle.fixture.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder('follow');
  await fakeSysfs(folder.path, { policies: { policy0: LITTLE, policy4: BIG } });
});
afterEach(() => folder.remove());

/** What the kernel shows the cores to run at; the fake's clock is its lower limit. */
const setClock = (cpuHz: number, policy = 'policy4') =>
  writeFile(join(folder.path, CPUFREQ, policy, 'scaling_min_freq'), `${cpuHz / 1000}\n`);

const QUICKLY = { pollMs: 2, holdPolls: 2, minDwellMs: 0 };

test('a runtime goes where the clock goes, until it is told to stop', async () => {
  await setClock(2e9);
  const runtime = await DeviceRuntime.open({ bundle, points, prepare: false });
  const stop = runtime.follow(kernelClocks(folder.path), QUICKLY);
  for (const [cpuHz, name] of [
    [1.02e9, 'p2'],
    [0.3e9, 'p3'],
    [2.4e9, 'p0'],
  ] as const) {
    await setClock(cpuHz);
    await waitUntil(`the runtime is at ${name}`, () => runtime.operatingPoint === name);
  }
  stop();
  await setClock(1e9);
  await runtime.setOperatingPoint('p1');
  const again = runtime.follow(kernelClocks(folder.path), QUICKLY);
  await waitUntil('it follows again', () => runtime.operatingPoint === 'p2');
  again();
  await runtime.close();
});

test('a clock that cannot be read for a while leaves the runtime where it is', async () => {
  await setClock(1e9);
  const clocks = kernelClocks(folder.path);
  await writeFile(join(folder.path, CPUFREQ, 'policy4', 'scaling_min_freq'), '<unknown>\n');
  expect(clocks.read()).toEqual({});
  await setClock(1e9);
  expect(clocks.read()).toEqual({ cpu: 1e9 });
});

test('a source that throws is told once until it can be read again, and is followed on', async () => {
  const runtime = await DeviceRuntime.open({ bundle, points, prepare: false });
  let reads = 0;
  let cpu: number | undefined = 1e9;
  const source = {
    read: () => {
      reads++;
      if (cpu === undefined) throw new Error('no bus');
      return { cpu };
    },
  };
  const heard: unknown[] = [];
  const looks = async (count: number) => {
    const before = reads;
    await waitUntil('further looks', () => reads >= before + count);
  };
  runtime.follow(source, { ...QUICKLY, onReadFailed: (error) => heard.push(error) });
  for (const [cpuHz, name] of [
    [1e9, 'p2'],
    [0.5e9, 'p3'],
  ] as const) {
    cpu = cpuHz;
    await waitUntil(`the runtime is at ${name}`, () => runtime.operatingPoint === name);
    cpu = undefined;
    await looks(5);
    expect(runtime.operatingPoint).toBe(name);
  }
  expect(heard).toEqual([new Error('no bus'), new Error('no bus')]);
  runtime.follow(source, QUICKLY);
  await looks(5);
  await runtime.close();
});

test('clocks of GPU and memory are read too', async () => {
  await fakeSysfs(folder.path, { devices: { 'fb000000.gpu': GPU, dmc: MEMORY } });
  await writeFile(join(folder.path, DEVFREQ, 'dmc', 'min_freq'), '2112000000\n');
  expect(kernelClocks(folder.path).read()).toEqual({ cpu: 600e6, gpu: 200e6, mem: 2.112e9 });
});

test('a device that shows no clock, and points that name none, are refused', async () => {
  expect(() => kernelClocks(join(folder.path, 'class'))).toThrow(/expected cpufreq or devfreq clocks/);
  const emulated = points.map(({ name, ratio }) => ({ name, ratio, emulatedCpuShare: 0.5 }));
  const runtime = await DeviceRuntime.open({ bundle, points: emulated, prepare: false });
  expect(() => runtime.follow(kernelClocks(folder.path))).toThrow(/points: none has cpuHz, gpuHz or memHz/);
  await runtime.close();
});
