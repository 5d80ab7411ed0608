import { spawn, spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Device, LatencyTable, MeasuringTask } from '#contracts';
import { deployVersion, publishBundle, temporaryFolder, waitUntil } from '#testkit';
import { startTestApi, type TestApi } from '../apps/api/src/testing/test-api.js';

const ROOT = path.join(import.meta.dirname, '..');
const TOOL = path.join(ROOT, 'tools', 'package-agent.mjs');
const tool = (...args: string[]) =>
  spawnSync(process.execPath, [TOOL, ...args], { encoding: 'utf8', cwd: '/' });

/** An application of its own, which has the package by its name and by its path. */
const APPLICATION = `
import { BundleFolder, DeviceRuntime, SwitchError, type ClockSource, type Switch } from 'isochron-agent/runtime';
import { kernelClocks } from '../package/runtime.mjs';

const [folder, noClocks] = process.argv.slice(2) as [string, string];
const said: unknown[] = [];
const runtime = await DeviceRuntime.open({
  ...(await new BundleFolder(folder).read()),
  onUnprepared: ({ message }) => said.push(message),
  onSwitch: ({ from, to }: Switch) => said.push([from, to]),
  onSwitchFailed: (error: SwitchError) => said.push(error.cause),
});
const infer = async (): Promise<void> => {
  const { logits, ratio, operatingPoint } = await runtime.infer(new Float32Array(28 * 28).fill(0.5));
  said.push([operatingPoint, ratio, logits.length]);
};
await infer();
await runtime.setOperatingPoint('slow');
await infer();
const source: ClockSource = { read: () => ({ cpu: 1e9 }) };
runtime.follow(source, { pollMs: 10, onReadFailed: (error: unknown) => said.push(error) })();
try {
  kernelClocks(noClocks);
} catch (error) {
  said.push((error as Error).message);
}
await runtime.close();
console.log(JSON.stringify(said));
`;

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
  let archive: string;
  let agent: string;
  let model: string;
  beforeAll(async () => {
    folder = await temporaryFolder('package');
    api = await startTestApi();
    const out = path.join(folder.path, 'out');
    const { status, stderr } = tool('--out', out, '--arch', process.arch);
    expect([status, stderr]).toEqual([0, '']);
    const name = (await readdir(out)).find((file) => file.endsWith(`linux-${process.arch}.tgz`))!;
    archive = path.join(out, name);
    expect(spawnSync('tar', ['-xzf', archive, '-C', folder.path]).status).toBe(0);
    agent = path.join(folder.path, 'package', 'isochron-agent.mjs');
    model = path.join(folder.path, 'model');
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
    const pulled = await run(
      ...['pull', `${version.model}@latest`, '--folder', model, '--server', api.url, '--device', deviceId],
    );
    expect(pulled).toEqual({ code: 0, output: expect.stringContaining('version 1 (latest): new bundle') });
    const ran = await run('infer', '--folder', model, '--count', '2', '--point', 'slow');
    expect(ran).toEqual({ code: 0, output: expect.stringMatching(/summary: slow {2}ratio 0.5 {2}2 runs/) });
  });

  it('has a library for applications, with types', async () => {
    const application = path.join(folder.path, 'application');
    await mkdir(application);
    const runsThere = (command: string, ...args: string[]) => {
      const { status, stdout, stderr } = spawnSync(command, args, { cwd: application, encoding: 'utf8' });
      return { status, stdout, stderr };
    };
    await writeFile(path.join(application, 'package.json'), '{ "type": "module" }');
    await writeFile(path.join(application, 'main.ts'), APPLICATION);
    expect(runsThere('npm', 'install', '--offline', '--no-audit', '--no-fund', archive)).toMatchObject({
      status: 0,
    });
    const compiler = path.join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const strictly = ['--strict', '--noUncheckedIndexedAccess', '--module', 'nodenext', '--target', 'es2023'];
    const typeRoots = path.join(ROOT, 'node_modules', '@types');
    expect(
      runsThere(
        ...[process.execPath, compiler, ...strictly, '--typeRoots', typeRoots, '--types', 'node', 'main.ts'],
      ),
    ).toEqual({ status: 0, stdout: '', stderr: '' });
    const { stdout, ...rest } = runsThere(process.execPath, 'main.js', model, application);
    expect(rest).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual([
      ['fast', 0, 10],
      ['fast', 'slow'],
      ['slow', 0.5, 10],
      `${application}: expected cpufreq or devfreq clocks, found none`,
    ]);
  });

  it.each([
    [{}, 'MALLOC_MMAP_THRESHOLD_=131072'],
    [{ MALLOC_MMAP_THRESHOLD_: '65536' }, 'MALLOC_MMAP_THRESHOLD_=65536'],
  ])('infers with the setting that saves memory, but for %j, and ends when told to', async (env, setting) => {
    const child = spawn(agent, ['infer', '--folder', model, '--count', '1000000', '--interval', '5'], {
      env: { PATH: process.env.PATH, ...env },
    });
    let output = '';
    child.stdout.on('data', (text) => (output += String(text)));
    const ended = new Promise((resolve) => child.once('close', (...how) => resolve(how)));
    await Promise.race([waitUntil('the first run', () => output.includes('ratio 0')), ended]);
    const environment = await readFile(`/proc/${child.pid}/environ`, 'utf8');
    expect(environment.split('\0')).toContain(setting);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(output).toContain('summary: fast');
  });
});
