import { PrismaPg } from '@prisma/adapter-pg';
import { postgresConnection } from '#runtime';
import { PrismaClient } from '../generated/client.js';
import { rethrowTranslated } from './database-errors.js';

const MAX_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 5_000;

export type Database = ReturnType<typeof openDatabase>;
export type Transaction = Parameters<Parameters<Database['$transaction']>[0]>[0];

/** A pool of connections; they are made when needed. Errors of a server that is away become AppError unavailable. */
export function openDatabase(databaseUrl: string, onError: (error: Error) => void) {
  const pool = {
    ...postgresConnection(databaseUrl),
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'isochron',
  };
  // An idle connection that breaks (the server restarts) is replaced by the pool; it must not end the process.
  const adapter = new PrismaPg(pool, { onPoolError: onError, onConnectionError: onError });
  return new PrismaClient({ adapter, transactionOptions: { maxWait: 10_000, timeout: 30_000 } }).$extends({
    query: { $allOperations: ({ args, query }) => query(args).catch(rethrowTranslated) },
  });
}

/** Runs `work` in one transaction: all of its writes are committed, or none. Errors of `work` are passed on. */
export function inTransaction<T>(database: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return database.$transaction(work).catch(rethrowTranslated);
}
