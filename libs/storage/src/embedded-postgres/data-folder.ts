import { createHash, randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { SHARED_STATE_FOLDER, type PostgresBinaries } from './binaries.js';
import { succeeds, type ServerUser } from './server-user.js';

/** What the embedded server keeps, all in one folder. */
export interface DataFolder {
  readonly path: string;
  /** The data directory proper. */
  readonly data: string;
  readonly log: string;
  readonly owner: string;
}

export const SUPERUSER = 'isochron';
const INITDB_TIMEOUT_MS = 120_000;

/**
 * Makes the folder. Where the database user cannot reach it (a checkout below /root), a folder of its own under
 * /var/lib/isochron is used instead. Only the data directory in it belongs to the database user: this process writes
 * the other files, and must not be led elsewhere by links that a server gone astray could make.
 */
export function openDataFolder(
  folder: string,
  user: ServerUser | undefined,
  sharedFolder = SHARED_STATE_FOLDER,
): DataFolder {
  const wanted = path.resolve(folder);
  if (makeReachable(wanted, user)) return layout(fs.realpathSync(wanted));
  const digest = createHash('sha256').update(wanted).digest('hex').slice(0, 16);
  const instead = path.join(sharedFolder, `data-${digest}`);
  if (makeReachable(instead, user)) return layout(instead);
  throw new Error(`the database user (uid ${user?.uid}) can reach neither ${wanted} nor ${instead}`);
}

function makeReachable(folder: string, user: ServerUser | undefined): boolean {
  fs.mkdirSync(folder, { recursive: true });
  fs.chmodSync(folder, user === undefined ? 0o700 : 0o711);
  return user === undefined || succeeds(user, 'test', ['-x', folder]);
}

function layout(folder: string): DataFolder {
  const inside = (name: string) => path.join(folder, name);
  return { path: folder, data: inside('data'), log: inside('server.log'), owner: inside('owner.json') };
}

/**
 * Makes the data directory when there is none. It appears in one step, so an initdb that was killed half-way leaves
 * nothing that could be taken for a database.
 * @returns the superuser's password.
 * @throws Error with initdb's output, or when the directory belongs to another PostgreSQL version.
 */
export function initialise(
  folder: DataFolder,
  binaries: PostgresBinaries,
  user: ServerUser | undefined,
): string {
  const passwordFile = path.join(folder.path, 'password');
  if (!fs.existsSync(folder.data)) {
    const staging = path.join(folder.path, 'data.new');
    fs.rmSync(staging, { recursive: true, force: true });
    fs.mkdirSync(staging, { mode: 0o700 });
    writePassword(passwordFile);
    for (const given of [staging, passwordFile]) giveTo(user, given);
    runInitdb(binaries.initdb, staging, passwordFile, user);
    fs.renameSync(staging, folder.data);
  }
  checkVersion(folder, binaries);
  return fs.readFileSync(passwordFile, 'utf8');
}

function writePassword(file: string): void {
  fs.rmSync(file, { force: true });
  fs.writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600, flush: true });
}

function giveTo(user: ServerUser | undefined, file: string): void {
  if (user !== undefined) fs.chownSync(file, user.uid, user.gid);
}

function runInitdb(initdb: string, data: string, passwordFile: string, user: ServerUser | undefined): void {
  const login = [`--username=${SUPERUSER}`, '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  const text = ['--encoding=UTF8', '--locale=C', '--no-instructions'];
  try {
    execFileSync(initdb, ['-D', data, ...login, ...text], {
      ...user,
      cwd: '/',
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: INITDB_TIMEOUT_MS,
    });
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    throw new Error(`initdb failed in ${path.dirname(data)}: ${stderr?.trim() || message}`, { cause: error });
  }
}

function checkVersion(folder: DataFolder, binaries: PostgresBinaries): void {
  const has = fs.readFileSync(path.join(folder.data, 'PG_VERSION'), 'utf8').trim();
  const version = execFileSync(binaries.postgres, ['--version'], { encoding: 'utf8' });
  const needs = /(\d+)\.\d+/.exec(version)?.[1];
  if (has !== needs) {
    throw new Error(
      `${folder.data} was made by PostgreSQL ${has}, expected ${needs}: dump it with that version and restore it, ` +
        'or set DATABASE_URL',
    );
  }
}
