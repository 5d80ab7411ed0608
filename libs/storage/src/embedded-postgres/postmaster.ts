import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { commandOf, freePort, identify, stillRuns, type ProcessIdentity } from '#runtime';
import type { DataFolder } from './data-folder.js';
import type { ServerUser } from './server-user.js';

/** The main process of a PostgreSQL server. */
export interface Postmaster {
  readonly process: ProcessIdentity;
  readonly port: number;
}

const MAX_CONNECTIONS = 200;

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: String(MAX_CONNECTIONS),
  timezone: 'UTC',
};

/** Settings for data that nobody will miss: several times faster, but a crash of the machine destroys it. */
const VOLATILE = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/**
 * The server that already runs on this folder, if there is one. Where `postmaster.pid` names a process that is
 * something else by now, the file is removed, since it would keep PostgreSQL from starting.
 */
export function findPostmaster(folder: DataFolder): Postmaster | undefined {
  const file = path.join(folder.data, 'postmaster.pid');
  const [pid, , , port] = lines(file);
  const process = pid === undefined ? undefined : identify(Number(pid));
  if (process === undefined) return undefined; // PostgreSQL replaces the file of a dead process itself
  if (!commandOf(process.pid)?.includes(`-D ${folder.data}`)) {
    fs.rmSync(file, { force: true });
    return undefined;
  }
  return port === undefined ? undefined : { process, port: Number(port) };
}

function lines(file: string): string[] {
  try {
    return fs.readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}

/** Starts a server on a free port; it may not accept connections yet, or end soon after. */
export async function startPostmaster(
  program: string,
  folder: DataFolder,
  user: ServerUser | undefined,
  durable: boolean,
): Promise<Postmaster> {
  const port = await freePort();
  const settings = Object.entries({ ...SETTINGS, ...(durable ? {} : VOLATILE) });
  const options = settings.flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = fs.openSync(folder.log, 'w', 0o600);
  try {
    const child = spawn(program, ['-D', folder.data, '-p', String(port), ...options], {
      ...user,
      cwd: '/',
      detached: true, // Ctrl-C in a terminal must not reach it before the services that use it have ended
      stdio: ['ignore', log, log],
    });
    child.unref();
    if (child.pid === undefined) throw new Error(`cannot start ${program}`);
    // One that ended at once has no identity any more; the caller reads in its log why.
    return { process: identify(child.pid) ?? { pid: child.pid, startedAt: 'ended' }, port };
  } finally {
    fs.closeSync(log);
  }
}

/**
 * Stops a server in the way that lets it finish cleanly: open connections are cut, what was committed is kept.
 * One that does not end gets less and less polite signals.
 */
export async function stopPostmaster({ process: server }: Postmaster): Promise<void> {
  const steps = [
    { signal: 'SIGINT', waitMs: 30_000 }, // "fast shutdown"
    { signal: 'SIGQUIT', waitMs: 10_000 }, // "immediate": recovery at the next start
    { signal: 'SIGKILL', waitMs: 10_000 },
  ] as const;
  for (const { signal, waitMs } of steps) {
    if (!stillRuns(server)) return;
    signalProcess(server.pid, signal);
    if (await endsWithin(server, waitMs)) return;
  }
  throw new Error(`the database server (process ${server.pid}) does not end`);
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function endsWithin(server: ProcessIdentity, waitMs: number): Promise<boolean> {
  const deadline = Date.now() + waitMs;
  while (stillRuns(server)) {
    if (Date.now() > deadline) return false;
    await delay(10);
  }
  return true;
}
