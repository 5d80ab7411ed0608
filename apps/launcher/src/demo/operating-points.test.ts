import fs from 'node:fs';
import path from 'node:path';
import { CreateDevice } from '#contracts';
import { temporaryFolder } from '#testkit';
import { NoRealClocksError, cpufreqPoints, emulatedPoints } from './operating-points.js';

describe('operating points of this machine', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const write = (name: string, text: string) => fs.writeFileSync(path.join(folder.path, name), text);
  const points = () => cpufreqPoints(folder.path);
  beforeEach(async () => (folder = await temporaryFolder('cpufreq')));
  afterEach(() => folder.remove());

  test('are at least five emulated ones by default, as a device takes them, and say so', () => {
    const operatingPoints = emulatedPoints();
    expect(CreateDevice.parse({ name: 'm', operatingPoints }).operatingPoints).toEqual(operatingPoints);
    expect(operatingPoints.length).toBeGreaterThanOrEqual(5);
    for (const point of operatingPoints) expect(point.emulatedCpuShare).toBeGreaterThan(0);
  });

  test('are five of the frequencies that the kernel lists, with the fastest and the slowest', () => {
    write('scaling_available_frequencies', '800000 1000000 1200000 1400000 1600000 1800000 2000000 \n');
    expect(points().map((p) => p.cpuHz)).toEqual([2e9, 1.6e9, 1.4e9, 1e9, 8e8]);
    expect(CreateDevice.safeParse({ name: 'm', operatingPoints: points() }).success).toBe(true);
  });

  test('are spread over the limits where the driver lists no frequencies', () => {
    write('cpuinfo_min_freq', '800000\n');
    write('cpuinfo_max_freq', '4000000\n');
    expect(points().map((p) => p.cpuHz)).toEqual([4e9, 3.2e9, 2.4e9, 1.6e9, 8e8]);
  });

  test('are refused, with what to do, where there is no cpufreq', () => {
    expect(points).toThrow(NoRealClocksError);
    expect(points).toThrow('without --real-clocks');
  });
});
