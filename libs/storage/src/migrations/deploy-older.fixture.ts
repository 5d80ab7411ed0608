import fs from 'node:fs';
import path from 'node:path';
import type pg from 'pg';
import { temporaryFolder } from '#testkit';
import { deployMigrations } from './deploy-migrations.js';
import { findMigrationsFolder } from './read-migrations.js';

/** Empties a database and applies the migrations before this one alone. */
export async function deployOlder(migration: string, databaseUrl: string, client: pg.Client): Promise<void> {
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
