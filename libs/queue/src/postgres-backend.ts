import pg from 'pg';
import { createPostgresBackend, FlowProducer, Queue, runMigrations, Worker } from 'bullmq';
import { postgresConnection } from '#runtime';
import type { Backend, BullQueue, KnownMessage } from './backend.js';

/** Connections of one queue or worker; workers have one more, to listen on. */
const POOL_SIZE = 2;

/** BullMQ on PostgreSQL, in the schema `bullmq` of the given database, which is made or brought up to date. */
export async function openPostgresBackend(
  databaseUrl: string,
  onError: (error: Error) => void,
): Promise<Backend> {
  await migrate(databaseUrl);
  const connection = { ...postgresConnection(databaseUrl), max: POOL_SIZE };
  const own = new pg.Pool({ ...postgresConnection(databaseUrl), max: 1 });
  own.on('error', onError);
  return {
    kind: 'postgres',
    queue: (name) => new Queue(name, { connection }, createPostgresBackend),
    flows: () => new FlowProducer({ connection }, createPostgresBackend),
    worker: (name, processor, options) =>
      new Worker(name, processor, { ...options, connection }, createPostgresBackend),
    known: (queue, ids) => knownMessages(own, queue, ids),
    ping: async () => {
      await own.query('SELECT 1');
    },
    close: () => own.end(),
  };
}

async function migrate(databaseUrl: string): Promise<void> {
  const client = new pg.Client(postgresConnection(databaseUrl));
  await client.connect();
  try {
    await runMigrations(client);
  } finally {
    await client.end();
  }
}

async function knownMessages(
  pool: pg.Pool,
  { name }: BullQueue,
  ids: readonly string[],
): Promise<Map<string, KnownMessage>> {
  const { rows } = await pool.query<KnownMessage & { id: string }>({
    name: 'known-messages',
    text: `SELECT id, state IN ('completed', 'failed') AS "hasEnded", priority AS rank
           FROM bullmq.job WHERE queue = $1 AND id = ANY($2)`,
    values: [name, ids],
  });
  return new Map(rows.map(({ id, hasEnded, rank }) => [id, { hasEnded, rank }]));
}
