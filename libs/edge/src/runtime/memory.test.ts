import { TYPESCRIPT_NODE_OPTIONS } from '#testkit';
import { DeviceRuntime } from './device-runtime.js';
import { bundle, image, points } from './small-bundle.fixture.js';

process.env.NODE_OPTIONS = TYPESCRIPT_NODE_OPTIONS;

const MIB = 2 ** 20;

test.each([true, false])('memory does not grow with switches (prepared: %s)', async (prepare) => {
  const runtime = await DeviceRuntime.open({ bundle, points, prepare });
  const switchTimes = async (count: number) => {
    for (let i = 0; i < count; i++) {
      await runtime.setOperatingPoint(points[i % points.length]!.name);
      await runtime.infer(image(i));
    }
  };
  await switchTimes(100);
  const before = process.memoryUsage.rss();
  await switchTimes(200);
  // A subnet that stays takes 0.4 MiB and more, so that 200 of them would be 80 MiB.
  expect((process.memoryUsage.rss() - before) / MIB).toBeLessThan(30);
  await runtime.close();
});
