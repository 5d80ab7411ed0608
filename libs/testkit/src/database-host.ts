import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import type { EmbeddedPostgres } from '#storage';
import { temporaryFolder } from './temporary-folder.js';

interface Postgres {
  readonly server: EmbeddedPostgres;
  readonly folder: { remove(): Promise<void> };
}

/**
 * Gives test files databases of their own: clones (about 0.1 s each) of one that has the migrations applied. Lives in
 * Jest's main process, since test files come and go in several. PostgreSQL starts at the first request.
 *
 * `POST /` answers the URL of a new database; `DELETE /NAME` drops one.
 */
export class DatabaseHost {
  private postgres: Promise<Postgres> | undefined;
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      const name = request.url?.slice(1) ?? '';
      const work = request.method === 'DELETE' ? this.drop(name) : this.create();
      work.then(
        (answer) => response.end(answer),
        (error: Error) => response.writeHead(500).end(error.stack),
      );
    }).unref();
    // A connection that is closed just when the next test file uses it again fails that file.
    this.server.keepAliveTimeout = 0;
  }

  static async start(): Promise<{ host: DatabaseHost; url: string }> {
    const host = new DatabaseHost();
    await new Promise<void>((resolve) => host.server.listen(0, '127.0.0.1', resolve));
    return { host, url: `http://127.0.0.1:${(host.server.address() as AddressInfo).port}` };
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    const running = await this.postgres;
    await running?.server.stop();
    await running?.folder.remove();
  }

  private async create(): Promise<string> {
    this.postgres ??= startPostgres();
    const { url } = (await this.postgres).server;
    const name = `test_${randomUUID().replaceAll('-', '')}`;
    await execute(url, `CREATE DATABASE ${name} TEMPLATE isochron`);
    return databaseUrl(url, name);
  }

  private async drop(name: string): Promise<string> {
    const running = await this.postgres;
    if (running) await execute(running.server.url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    return '';
  }
}

async function startPostgres(): Promise<Postgres> {
  // Not loaded before it is needed: most test files need no database.
  const { deployMigrations, startEmbeddedPostgres } = await import('#storage');
  const folder = await temporaryFolder('postgres');
  const server = await startEmbeddedPostgres({ folder: folder.path, durable: false });
  await deployMigrations(server.url);
  return { server, folder };
}

/** Runs one statement from outside of the template, which may have no connections while it is cloned. */
async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl(url, 'postgres') });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function databaseUrl(url: string, name: string): string {
  const other = new URL(url);
  other.pathname = name;
  return other.href;
}
