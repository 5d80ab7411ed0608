import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
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

/** Starts an API, and gives what it prints. */
async function serve(database: string) {
  const file = path.join(folder.path, `${randomUUID()}.out`);
  const stdout = openSync(file, 'w');
  const api = await spawnService({ name: 'api', entry, env: environment(database), stdout });
  closeSync(stdout);
  return { api, printed: readFileSync(file, 'utf8') };
}
const KEY = /iso_[\w-]{32}/;

test('serves until SIGTERM, then ends with 0 though an agent waits', async () => {
  const { api, printed } = await serve(database.url);
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${KEY.exec(printed)?.[0]}`,
  };
  expect(api.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const ready = await fetch(`${api.url}/health/ready`);
  expect(await ready.json()).toMatchObject({
    status: 'ok',
    parts: [{ name: 'database' }, { name: 'queue' }, { name: 'artifacts' }],
  });

  const device = await fetch(`${api.url}/v1/devices`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ name: 'phone', operatingPoints: [{ name: 'fast', cpuHz: 2e9 }] }),
  });
  const { id: deviceId } = (await device.json()) as { id: string };
  const waiting = fetch(`${api.url}/v1/measuring-tasks/lease`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ deviceId, agent: { name: 'a', version: '1' }, waitSeconds: 30 }),
  });
  await fetch(`${api.url}/health/live`);
  expect(await api.stop()).toEqual({ code: 0, signal: null });
  expect((await waiting).status).toBe(204);
});

test('of several that start on a new database one makes an admin key and prints it; later ones none', async () => {
  const fresh = await testDatabase();
  try {
    const started = await Promise.all([serve(fresh.url), serve(fresh.url), serve(fresh.url)]);
    started.push(await serve(fresh.url));
    const keys = started.flatMap(({ printed }) => KEY.exec(printed) ?? []);
    expect(keys).toHaveLength(1);
    for (const { api } of started) {
      const me = await fetch(`${api.url}/v1/me`, { headers: { authorization: `Bearer ${keys[0]}` } });
      expect(await me.json()).toMatchObject({ team: { name: 'default' }, key: { role: 'admin' } });
    }
    for (const { api } of started) await api.stop();
  } finally {
    await fresh.drop();
  }
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
