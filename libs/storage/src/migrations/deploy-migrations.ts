import { createHash, randomUUID } from 'node:crypto';
import pg from 'pg';
import { postgresConnection } from '#runtime';
import { findMigrationsFolder, readMigrations, type Migration } from './read-migrations.js';

/** The key of Prisma's own migration engine, so that it and this applier keep each other out. */
const ADVISORY_LOCK = 72_707_369;
const LOCK_TIMEOUT_MS = 120_000;
/** SQLSTATE of a lock that was not given in time. */
const LOCK_NOT_AVAILABLE = '55P03';

/** Prisma's ledger, so that its tools can read what was applied here. */
const CREATE_LEDGER = `
  CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    id varchar(36) PRIMARY KEY NOT NULL,
    checksum varchar(64) NOT NULL,
    finished_at timestamptz,
    migration_name varchar(255) NOT NULL,
    logs text,
    rolled_back_at timestamptz,
    started_at timestamptz NOT NULL DEFAULT now(),
    applied_steps_count integer NOT NULL DEFAULT 0
  )`;

interface LedgerRow {
  migration_name: string;
  checksum: string;
  finished_at: Date | null;
}

export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/**
 * Brings the database's schema up to date. Safe when several processes start at once: one works, the others wait.
 * Each migration is applied in a transaction of its own, together with its row in the ledger. Migrations of a newer
 * Isochron that this one does not know are left alone.
 * @returns the names of the migrations applied now.
 * @throws MigrationError when an applied migration was edited, was left half-way by another tool, or fails.
 */
export async function deployMigrations(
  databaseUrl: string,
  folder: string = findMigrationsFolder(),
): Promise<string[]> {
  const migrations = readMigrations(folder);
  const client = new pg.Client(postgresConnection(databaseUrl));
  client.on('error', () => {}); // a connection that is lost; the query that fails tells
  await client.connect();
  try {
    await takeLock(client);
    await client.query(CREATE_LEDGER);
    const pending = unapplied(migrations, await readLedger(client));
    for (const migration of pending) await apply(client, migration);
    return pending.map((migration) => migration.name);
  } finally {
    await client.end(); // gives the lock back too
  }
}

async function takeLock(client: pg.Client): Promise<void> {
  await client.query(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`);
  try {
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK]);
  } catch (cause) {
    if ((cause as pg.DatabaseError).code !== LOCK_NOT_AVAILABLE) throw cause;
    throw new MigrationError(
      `another process has been migrating this database for more than ${LOCK_TIMEOUT_MS / 1000} s`,
      { cause },
    );
  }
}

async function readLedger(client: pg.Client): Promise<Map<string, LedgerRow>> {
  const { rows } = await client.query<LedgerRow>(
    'SELECT migration_name, checksum, finished_at FROM "_prisma_migrations" WHERE rolled_back_at IS NULL',
  );
  return new Map(rows.map((row) => [row.migration_name, row]));
}

function unapplied(migrations: readonly Migration[], ledger: ReadonlyMap<string, LedgerRow>): Migration[] {
  return migrations.filter((migration) => {
    const row = ledger.get(migration.name);
    if (row !== undefined) checkApplied(migration, row);
    return row === undefined;
  });
}

function checkApplied(migration: Migration, row: LedgerRow): void {
  if (row.finished_at === null) {
    throw new MigrationError(
      `migration ${migration.name} was begun but not finished: undo what it did, then set rolled_back_at of its row ` +
        'in _prisma_migrations',
    );
  }
  const checksum = checksumOf(migration);
  if (row.checksum !== checksum) {
    throw new MigrationError(
      `migration ${migration.name} was edited after it was applied: its SHA-256 is ${checksum}, ` +
        `expected ${row.checksum}; restore the file and make another migration`,
    );
  }
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(migration.sql);
    await client.query(
      `INSERT INTO "_prisma_migrations" (id, checksum, finished_at, migration_name, applied_steps_count)
       VALUES ($1, $2, now(), $3, 1)`,
      [randomUUID(), checksumOf(migration), migration.name],
    );
    await client.query('COMMIT');
  } catch (cause) {
    await client.query('ROLLBACK').catch(() => {}); // a lost connection has rolled back already
    throw new MigrationError(`migration ${migration.name} failed: ${(cause as Error).message}`, { cause });
  }
}

function checksumOf(migration: Migration): string {
  return createHash('sha256').update(migration.sql).digest('hex');
}
