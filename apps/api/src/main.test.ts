import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { spawnService } from '#runtime';
import { temporaryFolder, testDatabase, TYPESCRIPT_NODE_OPTIONS, type TestDatabase } from '#testkit';

const entry = fileURLToPath(new URL('./main.ts', import.meta.url));

let database: TestDatabase;
let folder: { path: string; remove(): Promise<void> };
beforeAll(async () => {
  [database, folder] = [await testDatabase(), await temporaryFolder('api')];
});
afterAll(async () => {
  await database.drop();
  await folder.remove();
});

const environment = (databaseUrl: string | undefined) => ({
  NODE_OPTIONS: TYPESCRIPT_NODE_OPTIONS,
  DATABASE_URL: databaseUrl,
  REDIS_URL: undefined,
  ARTIFACTS_URL: undefined,
  DATA_DIR: folder.path,
  PORT: '0',
  LOG_LEVEL: 'error',
});

test('serves until SIGTERM, then ends with 0 though an agent waits', async () => {
  const api = await spawnService({ name: 'api', entry, env: environment(database.url), stdout: 'ignore' });
  expect(api.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const ready = await fetch(`${api.url}/health/ready`);
  expect(await ready.json()).toMatchObject({
    status: 'ok',
    parts: [{ name: 'database' }, { name: 'queue' }],
  });

  const device = await fetch(`${api.url}/v1/devices`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'phone', operatingPoints: [{ name: 'fast', cpuHz: 2e9 }] }),
  });
  const { id: deviceId } = (await device.json()) as { id: string };
  const waiting = fetch(`${api.url}/v1/measuring-tasks/lease`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ deviceId, agent: { name: 'a', version: '1' }, waitSeconds: 30 }),
  });
  await fetch(`${api.url}/health/live`);
  expect(await api.stop()).toEqual({ code: 0, signal: null });
  expect((await waiting).status).toBe(204);
});

test('ends when its launcher is gone', async () => {
  const api = spawn(process.execPath, [entry], {
    env: { ...process.env, ...environment(database.url) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = new Promise<number | null>((resolve) => api.once('exit', resolve));
  await new Promise((resolve) => api.once('message', resolve));
  api.disconnect();
  expect(await ended).toBe(0);
});

test('does not start without a database, and says which variable names it', async () => {
  const api = spawn(process.execPath, [entry], {
    env: { ...process.env, ...environment(''), LOG_LEVEL: 'fatal' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  api.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  expect(await new Promise((resolve) => api.once('close', resolve))).toBe(1);
  expect(log).toContain('DATABASE_URL');
});
