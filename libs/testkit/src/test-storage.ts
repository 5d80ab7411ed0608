import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Actor } from '#contracts';
import { openStorage, type Storage, type StorageOptions } from '#storage';
import { temporaryFolder } from './temporary-folder.js';
import { testDatabase } from './test-database.js';

export interface TestStorage {
  readonly storage: Storage;
  readonly databaseUrl: string;
  readonly artifactsUrl: string;
  readonly actor: Actor;
  /** Of another team. */
  readonly stranger: Actor;
  /** Closes the storage and removes what it kept. */
  readonly close: () => Promise<void>;
}

/** A storage of one's own on real PostgreSQL and a real directory, with two teams in it. */
export async function testStorage(options: Pick<StorageOptions, 'traceparent'> = {}): Promise<TestStorage> {
  const database = await testDatabase();
  const folder = await temporaryFolder('artifacts');
  const storage = await openStorage({
    databaseUrl: database.url,
    artifactsUrl: folder.path,
    onError: () => {}, // tests break connections on purpose
    ...options,
  });
  const [actor, stranger] = await addTeams(database.url);
  const close = async () => {
    await storage.close();
    await database.drop();
    await folder.remove();
  };
  return { storage, databaseUrl: database.url, artifactsUrl: folder.path, actor, stranger, close };
}

async function addTeams(databaseUrl: string): Promise<[Actor, Actor]> {
  const teams = ['ada', 'grace'].map((owner) => ({ teamId: randomUUID(), owner }));
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    for (const { teamId, owner } of teams) {
      const values = [teamId, `team of ${owner}`, owner];
      await client.query('INSERT INTO "Team" (id, name, owner) VALUES ($1, $2, $3)', values);
    }
  } finally {
    await client.end();
  }
  return teams as [Actor, Actor];
}
