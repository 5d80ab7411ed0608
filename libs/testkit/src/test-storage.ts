import { randomUUID } from 'node:crypto';
import path from 'node:path';
import pg from 'pg';
import type { Actor } from '#contracts';
import { openStorage, type Storage, type StorageOptions } from '#storage';
import { temporaryFolder } from './temporary-folder.js';
import { testDatabase } from './test-database.js';

export interface TestStorage {
  readonly storage: Storage;
  readonly databaseUrl: string;
  readonly artifactsUrl: string;
  /** A folder of one's own; artifacts are in it unless they are elsewhere. */
  readonly folder: string;
  readonly actor: Actor;
  /** Of another team. */
  readonly stranger: Actor;
  /** Where a stored artifact is in the folder. */
  readonly artifactFile: (digest: string) => string;
  /** What a test does to the database past the storage; gives the rows. */
  readonly query: (sql: string, values?: readonly unknown[]) => Promise<unknown[]>;
  /** Closes the storage and removes what it kept. */
  readonly close: () => Promise<void>;
}

/**
 * A storage of one's own on real PostgreSQL, with two teams in it.
 * @param options where artifacts are, if not in a directory of its own, what traces are told, and whose jobs MLflow is
 */
export async function testStorage(
  options: Partial<Pick<StorageOptions, 'artifactsUrl' | 'traceparent' | 'loggedJobs'>> = {},
): Promise<TestStorage> {
  const database = await testDatabase();
  const folder = await temporaryFolder('artifacts');
  const artifactsUrl = options.artifactsUrl ?? folder.path;
  const storage = await openStorage({
    databaseUrl: database.url,
    onError: () => {}, // tests break connections on purpose
    ...options,
    artifactsUrl,
  });
  const query = async (sql: string, values: readonly unknown[] = []) =>
    inDatabase(database.url, async (client) => (await client.query(sql, [...values])).rows as unknown[]);
  const [actor, stranger] = await addTeams(database.url);
  const close = async () => {
    await storage.close();
    await database.drop();
    await folder.remove();
  };
  const artifactFile = (digest: string) =>
    path.join(folder.path, digest.slice(0, 2), digest.slice(2, 4), digest);
  return {
    ...{ storage, databaseUrl: database.url, artifactsUrl, folder: folder.path, artifactFile },
    ...{ actor, stranger, query, close },
  };
}

async function addTeams(databaseUrl: string): Promise<[Actor, Actor]> {
  const teams = ['ada', 'grace'].map((owner) => ({ teamId: randomUUID(), owner }));
  await inDatabase(databaseUrl, async (client) => {
    for (const { teamId, owner } of teams) {
      const values = [teamId, `team of ${owner}`, owner];
      await client.query('INSERT INTO "Team" (id, name, owner) VALUES ($1, $2, $3)', values);
    }
  });
  return teams as [Actor, Actor];
}

async function inDatabase<T>(databaseUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
