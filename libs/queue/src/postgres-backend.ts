import pg from 'pg';
import { createPostgresBackend, FlowProducer, Queue, runMigrations, Worker } from 'bullmq';
import type { Backend } from './backend.js';

/** Connections of one queue or worker; workers have one more, to listen on. */
const POOL_SIZE = 2;

/** BullMQ on PostgreSQL, in the schema `bullmq` of the given database, which is made or brought up to date. */
export async function openPostgresBackend(
  databaseUrl: string,
  onError: (error: Error) => void,
): Promise<Backend> {
  await migrate(databaseUrl);
  const connection = { connectionString: databaseUrl, max: POOL_SIZE };
  const health = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  health.on('error', onError);
  return {
    kind: 'postgres',
    queue: (name) => new Queue(name, { connection }, createPostgresBackend),
    flows: () => new FlowProducer({ connection }, createPostgresBackend),
    worker: (name, processor, options) =>
      new Worker(name, processor, { ...options, connection }, createPostgresBackend),
    ping: async () => {
      await health.query('SELECT 1');
    },
    close: () => health.end(),
  };
}

async function migrate(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await runMigrations(client);
  } finally {
    await client.end();
  }
}
