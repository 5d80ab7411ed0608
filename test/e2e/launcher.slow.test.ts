import { spawn } from 'node:child_process';
import path from 'node:path';
import { processesWith, waitUntil } from '#testkit';
import { dataFolder, launch, readyUrl, type DataFolder, type Launched } from './launched.js';

const ROOT = path.resolve(import.meta.dirname, '../..');

describe('the launcher', () => {
  let folder: DataFolder;
  const started: Launched[] = [];
  const start = () => {
    const launched = launch('main.js', ['--data-dir', folder.path]);
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

  test('refuses a data directory that is in use, and says by whom', async () => {
    const first = start();
    await readyUrl(first);
    const second = start();
    expect(await second.exited).toBe(1);
    expect(second.output()).toContain(`in use by the launcher with process id ${first.process.pid}`);
    expect(first.process.exitCode).toBeNull();
  });

  test('reports a service that dies with how it ended, stops the others and fails', async () => {
    const launched = start();
    await readyUrl(launched);
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
