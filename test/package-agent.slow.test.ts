import { spawn, spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Device, LatencyTable, MeasuringTask } from '#contracts';
import { deployVersion, publishBundle, temporaryFolder } from '#testkit';
import { startTestApi, type TestApi } from '../apps/api/src/testing/test-api.js';

const ROOT = path.resolve(import.meta.dirname, '..');
const TOOL = path.join(ROOT, 'tools', 'package-agent.mjs');
const tool = (...args: string[]) =>
  spawnSync(process.execPath, [TOOL, ...args], { encoding: 'utf8', cwd: '/' });

test.each([
  [['--arch', 'mips'], '--arch "mips", expected x64 or arm64'],
  [['--fast'], "Unknown option '--fast'"],
])('refuses %j', (args, message) => {
  const { status, stderr } = tool(...args);
  expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
});

// Archives are for Linux, and only those of this machine's architecture run here.
const isPackaged = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);

(isPackaged ? describe : describe.skip)('the packaged agent', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let api: TestApi;
  let agent: string;
  beforeAll(async () => {
    folder = await temporaryFolder('package');
    api = await startTestApi();
    const out = path.join(folder.path, 'out');
    const { status, stderr } = tool('--out', out, '--arch', process.arch);
    expect([status, stderr]).toEqual([0, '']);
    const name = (await readdir(out)).find((file) => file.endsWith(`linux-${process.arch}.tgz`))!;
    expect(spawnSync('tar', ['-xzf', path.join(out, name), '-C', folder.path]).status).toBe(0);
    agent = path.join(folder.path, 'package', 'isochron-agent.mjs');
  });
  afterAll(async () => {
    await api.close();
    await folder.remove();
  });
  // Asynchronous, because the API that it talks to runs in this process.
  const run = async (...args: string[]) => {
    const env = { PATH: process.env.PATH, ISOCHRON_API_KEY: api.key };
    const child = spawn(agent, args, { cwd: folder.path, env });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += String(text)));
    const code = await new Promise((resolve) => child.once('close', resolve));
    return { code, output };
  };

  it('starts by itself and tells what it can do', async () => {
    const { code, output } = await run('--help');
    expect([code, output]).toEqual([0, expect.stringMatching(/run[^]*enrol[^]*pull[^]*infer[^]*points/)]);
  });

  it('names the release and the code that it was built from', async () => {
    const { code } = JSON.parse(await readFile(path.join(ROOT, 'dist/build.json'), 'utf8')) as {
      code: string;
    };
    const { version } = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(await run('--version')).toEqual({ code: 0, output: `${version}+${code}\n` });
  });

  it('measures a whole task for a server', async () => {
    const points = [
      { name: 'full', emulatedCpuShare: 1 },
      { name: 'half', emulatedCpuShare: 0.5 },
    ];
    const { body: device } = await api.post<Device>('/v1/devices', {
      name: 'board',
      operatingPoints: points,
    });
    const { body: task } = await api.post<MeasuringTask>('/v1/measuring-tasks', {
      ...{ deviceId: device.id, network: { family: 'resnet', depth: 8, widthMultiplier: 0.25 }, classes: 2 },
      ...{ input: { channels: 1, height: 8, width: 8 }, ratios: [0, 0.4], channelMultiple: 1 },
      protocol: { batch: 4, samples: 3, maxSamples: 3, minSampleMs: 5, coolDownSeconds: 0 },
    });
    const { code, output } = await run(
      ...['--server', api.url, '--device', device.id, '--once', '--clock-controller', 'duty-cycle'],
      ...['--data-dir', path.join(folder.path, 'data')],
    );
    expect([code, output]).toEqual([0, expect.stringContaining('ready')]);
    const { latencyTableId } = (await api.get<MeasuringTask>(`/v1/measuring-tasks/${task.id}`)).body;
    const { body: table } = await api.get<LatencyTable>(`/v1/latency-tables/${latencyTableId}`);
    expect(table.cells).toHaveLength(4);
    expect(table.cells[0]!.provenance).toMatchObject({
      runner: 'onnxruntime-node',
      clockController: 'duty-cycle',
    });
  });

  it('pulls a model and runs it', async () => {
    const { storage, actor } = api.store;
    const { version } = await publishBundle(storage, actor);
    const { deviceId } = await deployVersion(storage, version, { fast: 0, slow: 0.5 });
    const model = path.join(folder.path, 'model');
    const pulled = await run(
      ...['pull', `${version.model}@latest`, '--folder', model, '--server', api.url, '--device', deviceId],
    );
    expect(pulled).toEqual({ code: 0, output: expect.stringContaining('version 1 (latest): new bundle') });
    const ran = await run('infer', '--folder', model, '--count', '2', '--point', 'slow');
    expect(ran).toEqual({ code: 0, output: expect.stringMatching(/summary: slow {2}ratio 0.5 {2}2 runs/) });
  });
});
