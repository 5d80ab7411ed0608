import { join } from 'node:path';
import { temporaryFolder } from '#testkit';
import { Sysfs } from './sysfs/sysfs.js';
import { writeFiles } from './sysfs/sysfs.fixture.js';
import { readThrottleState, throttledBetween } from './throttling.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => void (folder = await temporaryFolder('throttling')));
afterEach(() => folder.remove());

const state = () => readThrottleState(new Sysfs(folder.path));
const counter = (count: number) =>
  writeFiles(join(folder.path, 'devices/system/cpu/cpu1/thermal_throttle'), { core_throttle_count: count });
const cooling = (name: string, type: string, cur_state: number) =>
  writeFiles(join(folder.path, 'class/thermal', name), { type, cur_state });

it('nothing is known where the kernel shows nothing', () => {
  expect(throttledBetween(state(), state())).toBeUndefined();
});

it('a counter that rose tells that the device throttled; one that stands still tells that it did not', async () => {
  await counter(3);
  const before = state();
  expect(throttledBetween(before, state())).toBe(false);
  await counter(4);
  expect(throttledBetween(before, state())).toBe(true);
});

it('a cooling device that slows a processor counts; a fan does not', async () => {
  await cooling('cooling_device0', 'pwm-fan', 2);
  expect(throttledBetween(state(), state())).toBeUndefined();
  await cooling('cooling_device1', 'cpufreq-cpu4', 0);
  const before = state();
  expect(throttledBetween(before, before)).toBe(false);
  await cooling('cooling_device1', 'cpufreq-cpu4', 1);
  expect(throttledBetween(before, state())).toBe(true);
});
