import fs from 'node:fs';
import path from 'node:path';

export interface Migration {
  readonly name: string;
  readonly sql: string;
}

const FOLDER = path.join('prisma', 'migrations');

/**
 * The migrations of this package, wherever the process was started and whether the code runs from the sources or
 * from dist/.
 */
export function findMigrationsFolder(): string {
  for (let folder = import.meta.dirname; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, FOLDER);
    if (fs.existsSync(candidate)) return candidate;
    if (folder === path.dirname(folder)) {
      throw new Error(`there is no ${FOLDER} in ${import.meta.dirname} or a folder above it`);
    }
  }
}

/** In the order to apply them: their names start with the time they were made at. */
export function readMigrations(folder: string): Migration[] {
  const names = fs
    .readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  return names.map((name) => ({
    name,
    sql: fs.readFileSync(path.join(folder, name, 'migration.sql'), 'utf8'),
  }));
}
