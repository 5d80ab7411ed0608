import { spawn } from 'node:child_process';
import path from 'node:path';
import { freePort } from '#runtime';
import { processesWith, waitUntil } from '#testkit';
import { dataFolder, launch, readyUrl, type DataFolder, type Launched } from './launched.js';

const ROOT = path.resolve(import.meta.dirname, '../..');

describe('the launcher', () => {
  let folder: DataFolder;
  const started: Launched[] = [];
  const start = (args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) => {
    const launched = launch('main.js', ['--data-dir', folder.path, ...args], env);
    started.push(launched);
    return launched;
  };
  const serviceOf = (name: string) =>
    processesWith(folder.path).find((process) => process.command.includes(`apps/${name}/src/main`));
  const nothingLeft = () => waitUntil('no process left', () => processesWith(folder.path).length === 0);

  beforeAll(async () => (folder = await dataFolder()));
  afterEach(async () => {
    for (const launched of started.splice(0)) launched.process.kill('SIGKILL');
    await nothingLeft();
  });
  afterAll(() => folder.remove());

  /** Where the launcher says that its worker serves metrics. */
  const metricsOf = async (launched: Launched) => {
    await readyUrl(launched);
    await waitUntil('all is said', () => launched.output().includes('logs are in'));
    return /of the worker at (\S+)/.exec(launched.output())?.[1];
  };
  const hasStepTimes = (url: string) =>
    fetch(url).then(
      async (answer) => (await answer.text()).includes('isochron_training_step_seconds'),
      () => false,
    );

  test('says where the worker tells its step times, on this machine alone, also after it was killed', async () => {
    const launched = start();
    const url = (await metricsOf(launched))!;
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*\/metrics$/);
    expect(await hasStepTimes(url)).toBe(true);
    await replaced('worker');
    await waitUntil('the metrics are there again', () => hasStepTimes(url), 30_000);
  });

  test('has the worker tell them where METRICS_PORT says, and says nothing of a worker that it does not start', async () => {
    const port = await freePort();
    const chosen = start([], { METRICS_PORT: String(port) });
    expect(await metricsOf(chosen)).toBe(`http://127.0.0.1:${port}/metrics`);
    chosen.process.kill('SIGINT');
    await chosen.exited;
    expect(await metricsOf(start(['--no-worker']))).toBeUndefined();
  });

  test('refuses a data directory that is in use, and says by whom', async () => {
    const first = start();
    await readyUrl(first);
    const second = start();
    expect(await second.exited).toBe(1);
    expect(second.output()).toContain(`in use by the launcher with process id ${first.process.pid}`);
    expect(first.process.exitCode).toBeNull();
  });

  test('interrupted, stops everything and says when it has', async () => {
    const launched = start();
    await readyUrl(launched);
    launched.process.kill('SIGINT');
    expect(await launched.exited).toBe(0);
    expect(launched.output()).toMatch(
      /^interrupted: stopping everything\nstopped: nothing runs any more\n$/m,
    );
    expect(processesWith(folder.path)).toEqual([]);
  });

  /** Kills a service; resolves with its place taken. */
  const replaced = async (name: string) => {
    const { pid } = serviceOf(name)!;
    process.kill(pid, 'SIGKILL');
    await waitUntil(`another ${name}`, () => ![undefined, pid].includes(serviceOf(name)?.pid), 30_000);
  };

  test('starts a service that was killed again, where it served', async () => {
    const launched = start();
    const url = await readyUrl(launched);
    await replaced('worker');
    await replaced('api');
    const isUp = () =>
      fetch(`${url}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    await waitUntil('the API serves again', isUp, 30_000);
    for (const name of ['worker', 'api'])
      expect(launched.output()).toContain(
        `the ${name} process ended unexpectedly (signal SIGKILL): it is started again`,
      );
    expect(launched.process.exitCode).toBeNull();
  });

  test('reports a service that dies again and again with how it ended, stops the others and fails', async () => {
    const launched = start();
    await readyUrl(launched);
    await replaced('worker');
    await replaced('worker');
    process.kill(serviceOf('worker')!.pid, 'SIGKILL');
    expect(await launched.exited).toBe(1);
    expect(launched.output()).toContain('the worker process ended unexpectedly (signal SIGKILL)');
    expect(launched.output()).toContain(path.join(folder.path, 'log', 'worker.log'));
    await nothingLeft();
  });

  test('killed while a service is still loading, leaves none behind', async () => {
    const launched = start();
    await waitUntil('the API process', () => serviceOf('api') !== undefined);
    launched.process.kill('SIGKILL');
    await launched.exited;
    await nothingLeft();
  });

  test('ends when the process that started it has ended without passing a signal on', async () => {
    const main = path.join(ROOT, 'dist/apps/launcher/src/main.js');
    const script = `"${process.execPath}" "${main}" --data-dir "${folder.path}"; true`;
    const env = { ...process.env, NODE_OPTIONS: '', DATABASE_URL: '', REDIS_URL: '' };
    const shell = spawn('/bin/sh', ['-c', script], { env, stdio: 'ignore' });
    await waitUntil('the worker process', () => serviceOf('worker') !== undefined);
    shell.kill('SIGKILL');
    await nothingLeft();
  });

  test.each([
    [['--port', 'x'], 'expected a whole number from 0 to 65535'],
    [['--colour'], "unknown option '--colour'"],
  ])('refuses %j', async (args, message) => {
    const launched = launch('main.js', args);
    expect(await launched.exited).toBe(1);
    expect(launched.output()).toContain(message);
  });

  test('names the environment variable that it cannot use', async () => {
    const launched = launch('main.js', ['--data-dir', folder.path], { REDIS_URL: 'localhost' });
    expect(await launched.exited).toBe(1);
    expect(launched.output()).toContain('REDIS_URL="localhost": expected a URL');
  });
});
