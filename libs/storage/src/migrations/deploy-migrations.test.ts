import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { temporaryFolder, testDatabase, waitUntil } from '#testkit';
import { deployMigrations } from './deploy-migrations.js';
import { findMigrationsFolder, readMigrations } from './read-migrations.js';

let database: Awaited<ReturnType<typeof testDatabase>>;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let client: pg.Client;
beforeEach(async () => {
  database = await testDatabase();
  folder = await temporaryFolder('migrations');
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterEach(async () => {
  await client.end();
  await database.drop();
  await folder.remove();
});

function write(name: string, sql: string): void {
  fs.mkdirSync(path.join(folder.path, name), { recursive: true });
  fs.writeFileSync(path.join(folder.path, name, 'migration.sql'), sql);
}

const deploy = () => deployMigrations(database.url, folder.path);
const ledger = async () =>
  (
    await client.query('SELECT migration_name AS name FROM "_prisma_migrations" ORDER BY started_at, name')
  ).rows.map((row: { name: string }) => row.name);

test("applies this package's migrations once, wherever the process runs", async () => {
  const names = readMigrations(findMigrationsFolder()).map((migration) => migration.name);
  expect(await ledger()).toEqual(names);
  expect(await deployMigrations(database.url)).toEqual([]);
  const teams = await client.query('SELECT name FROM "Team"');
  expect(teams.rows).toEqual([{ name: 'default' }]);
});

test('applies what is new, in the order of the names', async () => {
  write('2_b', 'ALTER TABLE one ADD COLUMN b int');
  write('1_a', 'CREATE TABLE one (a int); INSERT INTO one VALUES (1)');
  expect(await deploy()).toEqual(['1_a', '2_b']);
  write('3_c', 'ALTER TABLE one ADD COLUMN c int');
  expect(await deploy()).toEqual(['3_c']);
  expect((await client.query('SELECT * FROM one')).rows).toEqual([{ a: 1, b: null, c: null }]);
});

test('of three that start at once, one applies each migration and the others wait for it', async () => {
  write('1_slow', 'CREATE TABLE one (a int); SELECT pg_sleep(0.3)');
  write('2_next', 'INSERT INTO one VALUES (1)');
  const applied = await Promise.all([deploy(), deploy(), deploy()]);
  expect(applied.flat().sort()).toEqual(['1_slow', '2_next']);
  expect((await client.query('SELECT * FROM one')).rows).toEqual([{ a: 1 }]);
});

test('refuses a migration that was edited after it was applied', async () => {
  write('1_a', 'CREATE TABLE one (a int)');
  await deploy();
  write('1_a', 'CREATE TABLE one (a bigint)');
  write('2_b', 'CREATE TABLE two (a int)');
  await expect(deploy()).rejects.toThrow(
    /^migration 1_a was edited after it was applied: its SHA-256 is \w+, expected/,
  );
  expect(await ledger()).not.toContain('2_b');
});

test('a migration that fails leaves nothing behind and can be mended', async () => {
  write('1_a', 'CREATE TABLE one (a int); SELECT nonsense');
  await expect(deploy()).rejects.toThrow('migration 1_a failed: column "nonsense" does not exist');
  expect(await ledger()).not.toContain('1_a');
  write('1_a', 'CREATE TABLE one (a int)');
  expect(await deploy()).toEqual(['1_a']);
});

test('refuses to go on behind a migration that another tool left half-way', async () => {
  write('1_a', 'CREATE TABLE one (a int)');
  await client.query(
    `INSERT INTO "_prisma_migrations" (id, checksum, migration_name) VALUES ($1, 'unknown', '1_a')`,
    [randomUUID()],
  );
  await expect(deploy()).rejects.toThrow('migration 1_a was begun but not finished');
  await client.query(`UPDATE "_prisma_migrations" SET rolled_back_at = now() WHERE migration_name = '1_a'`);
  expect(await deploy()).toEqual(['1_a']);
});

test('leaves the migrations of a newer version alone', async () => {
  write('1_a', 'CREATE TABLE one (a int)');
  write('2_newer', 'CREATE TABLE two (a int)');
  await deploy();
  fs.rmSync(path.join(folder.path, '2_newer'), { recursive: true });
  expect(await deploy()).toEqual([]);
});

test('blames no other process for a wait that the server ended', async () => {
  const lock = 72_707_369;
  await client.query('SELECT pg_advisory_lock($1)', [lock]);
  const outcome = deploy().catch((error: unknown) => error);
  await waitUntil('the wait is ended', async () => {
    const { rowCount } = await client.query(
      `SELECT pg_cancel_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = $1
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      [lock],
    );
    return rowCount === 1;
  });
  expect(await outcome).toMatchObject({ name: 'error', code: '57014' });
});
