import fs from 'node:fs';
import path from 'node:path';
import { openDataFolder, SUPERUSER } from './data-folder.js';
import { findPostmaster } from './postmaster.js';
import { chooseServerUser } from './server-user.js';

/** The database that every embedded server has. */
export const DATABASE = 'isochron';

export function urlOf(port: number, password: string, database: string): string {
  return `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;
}

/**
 * Where the embedded server of a folder serves now; undefined where none runs. Whoever started it may stop it at any
 * time.
 */
export function urlOfRunningPostgres(folder: string): string | undefined {
  if (!fs.existsSync(folder)) return undefined;
  const data = openDataFolder(folder, chooseServerUser());
  const server = findPostmaster(data);
  if (server === undefined) return undefined;
  return urlOf(server.port, fs.readFileSync(path.join(data.path, 'password'), 'utf8'), DATABASE);
}
