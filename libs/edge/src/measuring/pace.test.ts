import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder } from '#testkit';
import { Pace } from './pace.js';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder('sys');
});
afterEach(() => folder.remove());

/** A second of work for each sample, and a clock that nothing else moves. */
function aDevice() {
  const device = { nowMs: 0, waitedMs: 0, onWait: () => Promise.resolve() };
  const runner = {
    sample: ({ samples }: { samples: number }) => {
      device.nowMs += 1000 * samples;
      return Promise.resolve(new Array<number>(samples).fill(1000));
    },
  };
  const time = {
    nowMs: () => device.nowMs,
    wait: async (ms: number) => {
      device.nowMs += ms;
      device.waitedMs += ms;
      await device.onWait();
    },
  };
  const pace = new Pace({ runner, time, sysfsRoot: folder.path } as never, 60);
  return { device, pace };
}

async function writeTemperature(celsius: number): Promise<void> {
  const zone = path.join(folder.path, 'class/thermal/thermal_zone0');
  await mkdir(zone, { recursive: true });
  await writeFile(path.join(zone, 'type'), 'cpu-thermal\n');
  await writeFile(path.join(zone, 'temp'), `${celsius * 1000}\n`);
}

describe('the pace of sampling', () => {
  it('knows no rests on a device that never was slower', async () => {
    const { device, pace } = aDevice();
    expect(await pace.sample(1, 30)).toHaveLength(30);
    expect(device.waitedMs).toBe(0);
  });

  it('rests twice as long as it worked where no temperature shows how long is long enough', async () => {
    const { device, pace } = aDevice();
    await pace.sample(1, 1);
    pace.beCareful();
    expect(await pace.sample(1, 8)).toHaveLength(8);
    // After the first three seconds of all samples, and after the next three.
    expect(device.waitedMs).toBe(12_000);
    expect(pace.sampledMs).toBe(9000);
  });

  it('rests until the device is as cool as at first where that shows, however long that takes', async () => {
    const { device, pace } = aDevice();
    pace.noteTemperature(40);
    await pace.sample(1, 1);
    pace.beCareful();
    await writeTemperature(60);
    device.onWait = () => writeTemperature(device.waitedMs < 20_000 ? 60 : 40);
    await pace.sample(1, 4);
    expect(device.waitedMs).toBe(20_000);
  });
});
