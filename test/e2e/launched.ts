import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { hasRedisServer, temporaryFolder, waitUntil } from '#testkit';

/** Both where redis-server is installed. */
export const QUEUES: readonly ('postgres' | 'redis')[] = hasRedisServer()
  ? ['postgres', 'redis']
  : ['postgres'];

const ROOT = path.resolve(import.meta.dirname, '../..');

/** A launcher process under test, with what it printed so far. */
export interface Launched {
  readonly process: ChildProcess;
  readonly output: () => string;
  readonly exited: Promise<number | NodeJS.Signals>;
}

/** Starts a built entry point as a user would, its data in `dataDir`. */
export function launch(entry: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Launched {
  const child = spawn(process.execPath, [path.join(ROOT, 'dist/apps/launcher/src', entry), ...args], {
    cwd: ROOT,
    env: { ...process.env, NODE_OPTIONS: '', DATABASE_URL: '', REDIS_URL: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (printed += text));
  }
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal!));
  });
  return { process: child, output: () => printed, exited };
}

export interface DataFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** An empty data directory that other users can reach: the embedded PostgreSQL is one when the tests run as root. */
export async function dataFolder(): Promise<DataFolder> {
  const folder = await temporaryFolder('e2e');
  fs.chmodSync(folder.path, 0o755);
  return folder;
}

/** First group of the first match in what the launcher prints. */
async function printed(launched: Launched, pattern: RegExp): Promise<string> {
  await waitUntil(`output like ${pattern}`, () => pattern.test(launched.output()), 90_000);
  return pattern.exec(launched.output())![1]!;
}

/** Address that a launcher printed; fails when it ends before. */
export function readyUrl(launched: Launched): Promise<string> {
  return Promise.race([
    printed(launched, /ready (http:\S+)/),
    launched.exited.then((code) => {
      throw new Error(`the launcher ended (${code}) before it was ready:\n${launched.output()}`);
    }),
  ]);
}

/** Calls an API with the admin key that a launcher keeps in its data directory. */
export function callerOf(dataDir: string): Caller {
  return (url, init = {}) => {
    const headers = new Headers(init.headers);
    const key = fs.readFileSync(path.join(dataDir, 'admin-key'), 'utf8').trim();
    headers.set('authorization', `Bearer ${key}`);
    return fetch(url, { ...init, headers });
  };
}

export type Caller = (url: string | URL, init?: RequestInit) => Promise<Response>;

export async function getJson(call: Caller, url: string): Promise<any> {
  const response = await call(url);
  if (!response.ok) throw new Error(`GET ${url}: ${response.status} ${await response.text()}`);
  return response.json();
}

export async function postJson(
  call: Caller,
  url: string,
  body: unknown,
): Promise<{ status: number; body: any }> {
  const response = await call(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}
