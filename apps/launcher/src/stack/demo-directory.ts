import fs from 'node:fs';
import path from 'node:path';
import { writeFileAtomic } from '#runtime';
import { startEmbeddedPostgres } from '#storage';

/** A data directory whose data the demo may delete has this file: the demo made it, before anything else. */
const MARKER = 'demo.json';

export const databaseFolder = (dataDir: string) => path.join(dataDir, 'postgres');
export const artifactsFolder = (dataDir: string) => path.join(dataDir, 'artifacts');

/** The demo was to begin afresh in a directory whose data is not its own; nothing was deleted. */
export class NotADemoDirectoryError extends Error {
  override readonly name = 'NotADemoDirectoryError';
}

/** Makes a directory without data the demo's own; one that holds data is left as it is, whosever it may be. */
export async function claimForDemo(dataDir: string): Promise<void> {
  if (holdsData(dataDir)) return;
  const content = { note: 'Made by "npm run demo", which deletes the data here when it begins afresh.' };
  await writeFileAtomic(path.join(dataDir, MARKER), `${JSON.stringify(content)}\n`);
}

/** Whoever serves from a directory that a demo made has data in it from then on that no demo may delete. */
export function keepFromDemos(dataDir: string): void {
  fs.rmSync(path.join(dataDir, MARKER), { force: true });
}

/**
 * Deletes the database and the artifacts that an earlier demo left.
 * @throws NotADemoDirectoryError when the directory holds such data and no demo made it.
 */
export async function clearDemoDirectory(dataDir: string): Promise<void> {
  if (!holdsData(dataDir)) return;
  if (!fs.existsSync(path.join(dataDir, MARKER))) {
    throw new NotADemoDirectoryError(
      `${dataDir} holds data that no demo made (it has no ${MARKER}), and a new demo would delete it: use --keep to ` +
        'go on with that data, or another --data-dir',
    );
  }
  fs.rmSync(artifactsFolder(dataDir), { recursive: true, force: true });
  await removeDatabase(databaseFolder(dataDir));
}

function holdsData(dataDir: string): boolean {
  return [databaseFolder(dataDir), artifactsFolder(dataDir)].some((folder) => fs.existsSync(folder));
}

/** The server is started once more to take over, and to learn the folder of, one that a killed run left. */
async function removeDatabase(folder: string): Promise<void> {
  if (!fs.existsSync(folder)) return;
  const server = await startEmbeddedPostgres({ folder, durable: false });
  await server.stop();
  for (const remains of [server.folder, folder]) fs.rmSync(remains, { recursive: true, force: true });
}
