import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { temporaryFolder, testDatabase } from '#testkit';
import { deployMigrations } from './deploy-migrations.js';
import { findMigrationsFolder } from './read-migrations.js';

/**
 * A database of its own to which the migrations before this one alone are applied.
 * @param use is given a client, and what applies the rest
 */
export async function withOlderDatabase(
  migration: string,
  use: (client: pg.Client, migrate: () => Promise<unknown>, databaseUrl: string) => Promise<void>,
): Promise<void> {
  const database = await testDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await deployOlder(migration, database.url, client);
    await use(client, () => deployMigrations(database.url), database.url);
  } finally {
    await client.end();
    await database.drop();
  }
}

/** Empties a database and applies the migrations before this one. */
async function deployOlder(migration: string, databaseUrl: string, client: pg.Client): Promise<void> {
  const folder = await temporaryFolder('migrations');
  try {
    const all = findMigrationsFolder();
    for (const name of fs.readdirSync(all).filter((each) => /^\d/.test(each) && each < migration)) {
      fs.cpSync(path.join(all, name), path.join(folder.path, name), { recursive: true });
    }
    await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    await deployMigrations(databaseUrl, folder.path);
  } finally {
    await folder.remove();
  }
}
