import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { isProcessAlive, spawnService, type RunningService } from '#runtime';
import { temporaryFolder, TYPESCRIPT_NODE_OPTIONS, waitUntil } from '#testkit';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.js';

type Folder = Awaited<ReturnType<typeof temporaryFolder>>;

/** Data that was made once; making it takes a second. */
let prepared: Folder;
let folder: Folder;
const services: RunningService[] = [];
const servers: EmbeddedPostgres[] = [];
beforeAll(async () => {
  prepared = await temporaryFolder('prepared');
  await (await startEmbeddedPostgres({ folder: prepared.path })).stop();
});
afterAll(() => prepared.remove());
beforeEach(async () => {
  folder = await temporaryFolder('embedded');
});
afterEach(async () => {
  await Promise.all(services.splice(0).map((service) => service.stop()));
  for (const server of servers.splice(0)) await server.stop();
  await waitUntil('no server is left', () => !fs.existsSync(inFolder('data', 'postmaster.pid')));
  await folder.remove();
});

/** Copies the data with its owner. */
function useData(): void {
  execFileSync('cp', ['-a', `${prepared.path}/.`, folder.path]);
}

const inFolder = (...names: string[]) => path.join(folder.path, ...names);

async function start(): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ folder: folder.path });
  servers.push(server);
  return server;
}

async function query<T>(url: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T & pg.QueryResultRow>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** A process that starts a server in the folder and is ready with its URL; then it runs `more`. */
async function launch(more = ''): Promise<RunningService> {
  useData();
  const entry = inFolder('launcher.mjs');
  fs.writeFileSync(
    entry,
    `import fs from 'node:fs';
     import pg from ${JSON.stringify(import.meta.resolve?.('pg') ?? 'pg')};
     import { announceReady } from '#runtime';
     import { startEmbeddedPostgres } from ${JSON.stringify(path.join(import.meta.dirname, 'embedded-postgres.ts'))};
     const server = await startEmbeddedPostgres({ folder: process.env.FOLDER });
     process.on('disconnect', () => process.exit());
     announceReady(server.url);
     ${more}`,
  );
  const env = { NODE_OPTIONS: TYPESCRIPT_NODE_OPTIONS, FOLDER: folder.path };
  const service = await spawnService({ name: 'launcher', entry, env, stdout: 'ignore' });
  services.push(service);
  return service;
}

function owner(): { launcher: { pid: number }; guardian: { pid: number } } {
  return JSON.parse(fs.readFileSync(inFolder('owner.json'), 'utf8')) as ReturnType<typeof owner>;
}

const postmasterPid = () =>
  Number(fs.readFileSync(inFolder('data', 'postmaster.pid'), 'utf8').split('\n')[0]);

test('starts with an empty folder, wants a password, keeps its data over a restart and leaves no process', async () => {
  const first = await startEmbeddedPostgres({ folder: folder.path });
  const { guardian } = owner();
  await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  expect(await query(first.url, 'SELECT current_database() AS name')).toEqual([{ name: 'isochron' }]);
  const listens = await query(first.url, `SELECT current_setting('listen_addresses') AS on`);
  expect(listens).toEqual([{ on: '127.0.0.1' }]);
  const wrong = first.url.replace(/:[^:@]+@/, ':wrong@');
  await expect(query(wrong, 'SELECT 1')).rejects.toThrow('password authentication failed');
  await first.stop();
  expect(isProcessAlive(first.pid)).toBe(false);
  await waitUntil('the guardian is gone', () => !isProcessAlive(guardian.pid));
  const second = await start();
  expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
});

test('refuses a folder that a running process uses', async () => {
  const launcher = await launch();
  await expect(start()).rejects.toThrow(`is in use by process ${launcher.pid}`);
});

test('a killed launcher leaves no server, and nothing that was acknowledged is lost', async () => {
  const acknowledged = inFolder('acknowledged');
  const launcher = await launch(`
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query('CREATE TABLE written (n int)');
    for (let n = 1; ; n++) {
      await client.query('INSERT INTO written VALUES ($1)', [n]);
      fs.writeFileSync(${JSON.stringify(acknowledged)}, String(n));
    }`);
  const written = () => (fs.existsSync(acknowledged) ? Number(fs.readFileSync(acknowledged, 'utf8')) : 0);
  await waitUntil('some rows are written', () => written() > 200);
  const pid = postmasterPid();
  process.kill(launcher.pid, 'SIGKILL');
  await waitUntil('the server is stopped', () => !isProcessAlive(pid));
  const { url } = await start();
  const [row] = await query<{ rows: number }>(url, 'SELECT count(*)::int AS rows FROM written');
  expect(row!.rows).toBeGreaterThanOrEqual(written());
});

test('starts at once after a launcher was killed, when its server is still being stopped', async () => {
  const launcher = await launch();
  await query(launcher.url!, 'CREATE TABLE kept AS SELECT 42 AS answer');
  process.kill(launcher.pid, 'SIGKILL');
  await launcher.exited;
  const { url } = await start();
  expect(await query(url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
});

test('takes over a server whose launcher and guardian were both killed, and stops it in the end', async () => {
  const launcher = await launch();
  const pid = postmasterPid();
  await query(launcher.url!, 'CREATE TABLE kept AS SELECT 42 AS answer');
  process.kill(owner().guardian.pid, 'SIGKILL');
  process.kill(launcher.pid, 'SIGKILL');
  await launcher.exited;
  const told: string[] = [];
  const server = await startEmbeddedPostgres({ folder: folder.path, onProgress: (text) => told.push(text) });
  expect(server.pid).toBe(pid);
  expect(told).toEqual([`takes over the database server that an earlier process left (${pid})`]);
  expect(await query(server.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  await server.stop();
  expect(isProcessAlive(pid)).toBe(false);
});

test('recovers when everything was killed at once', async () => {
  const launcher = await launch();
  await query(launcher.url!, 'CREATE TABLE kept AS SELECT 42 AS answer');
  for (const pid of [owner().guardian.pid, launcher.pid, postmasterPid()]) process.kill(pid, 'SIGKILL');
  await launcher.exited;
  const { url } = await start();
  expect(await query(url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
});

test('is not fooled by what an initdb that was killed left behind', async () => {
  fs.mkdirSync(inFolder('data.new'));
  fs.writeFileSync(inFolder('data.new', 'PG_VERSION'), '18\n');
  fs.writeFileSync(inFolder('password'), 'of the one before');
  const { url } = await start();
  expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('is not fooled by files that name a process which is another one by now', async () => {
  useData();
  const lock = [process.pid, inFolder('data'), 1_700_000_000, 5432, '', '127.0.0.1', '', 'ready'];
  fs.writeFileSync(inFolder('data', 'postmaster.pid'), lock.join('\n'));
  const before = { pid: process.pid, startedAt: 'yesterday' };
  fs.writeFileSync(inFolder('owner.json'), JSON.stringify({ launcher: before, guardian: before }));
  const { url } = await start();
  expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test("a server that cannot start is an error with the end of the server's log, and can be tried again", async () => {
  useData();
  const settings = inFolder('data', 'postgresql.auto.conf');
  fs.writeFileSync(settings, "shared_buffers = 'a lot'\n");
  await expect(start()).rejects.toThrow(
    /ended while it started; the end of .*server\.log:\n.*shared_buffers/s,
  );
  fs.writeFileSync(settings, '');
  await start();
});

test('refuses data of another PostgreSQL version', async () => {
  useData();
  fs.writeFileSync(inFolder('data', 'PG_VERSION'), '15\n');
  await expect(start()).rejects.toThrow('was made by PostgreSQL 15, expected 18');
});
