import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isProcessAlive } from '#runtime';
import { temporaryFolder, TYPESCRIPT_NODE_OPTIONS } from '#testkit';
import { writeResNet } from '../resnet-onnx.fixture.js';
import { MeasuredProcess, MeasuredProcessError } from './measured-process.js';

process.env.NODE_OPTIONS = TYPESCRIPT_NODE_OPTIONS;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let measured: MeasuredProcess;
beforeAll(async () => {
  folder = await temporaryFolder('measured');
  measured = MeasuredProcess.start();
});
afterAll(async () => {
  await measured.stop();
  await folder.remove();
});

describe('the measured process', () => {
  it('loads a network and times it in another process', async () => {
    const file = await writeResNet(join(folder.path, 'net.onnx'));
    const { runnerVersion } = await measured.load({ file, batch: 8, threads: 1 });
    expect(runnerVersion).toMatch(/^\d+\.\d+\.\d+/);
    expect(measured.pid).not.toBe(process.pid);
    const runsPerSample = await measured.runsLasting(5);
    const samples = await measured.sample({ runsPerSample, samples: 4 });
    expect(samples).toHaveLength(4);
    expect(Math.min(...samples)).toBeGreaterThan(0);
  });

  it('refuses a file that is no network and one of another batch, by name, and lives on', async () => {
    const broken = join(folder.path, 'broken.onnx');
    await writeFile(broken, 'no network');
    await expect(measured.load({ file: broken, batch: 8, threads: 1 })).rejects.toThrow(MeasuredProcessError);
    const file = await writeResNet(join(folder.path, 'other.onnx'));
    await expect(measured.load({ file, batch: 16, threads: 1 })).rejects.toThrow(
      'other.onnx: input "input" is [8, 1, 8, 8], expected a batch of 16',
    );
    await measured.load({ file, batch: 8, threads: 1 });
  });

  it('ends at once when told, even stopped and at work, which fails what it was asked', async () => {
    const other = MeasuredProcess.start();
    const file = await writeResNet(join(folder.path, 'busy.onnx'));
    await other.load({ file, batch: 8, threads: 1 });
    const sampling = other.sample({ runsPerSample: 10_000, samples: 10_000 });
    process.kill(other.pid, 'SIGSTOP');
    await Promise.all([
      expect(sampling).rejects.toThrow('the measured process ended (signal SIGKILL) when asked to sample'),
      other.stop(),
    ]);
    expect(isProcessAlive(other.pid)).toBe(false);
    await expect(other.runsLasting(5)).rejects.toThrow('ended');
  });
});
