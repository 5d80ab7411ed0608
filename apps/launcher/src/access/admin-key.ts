import fs from 'node:fs';
import path from 'node:path';
import { makeFirstKey } from '#access';
import { writeFileAtomicSync } from '#runtime';
import { DEFAULT_TEAM_ID } from '#storage';
import type { AccessServices } from './open-access.js';

const OWNER_ALONE = 0o600;

/** Where the admin key of this machine is kept, for the demo and for command lines. */
export const adminKeyFile = (dataDir: string) => path.join(dataDir, 'admin-key');

/** The admin key that is kept in a data directory, if there is one. */
export function readAdminKey(dataDir: string): string | undefined {
  const file = adminKeyFile(dataDir);
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim() : undefined;
}

/** Readable by its owner alone. */
export function keepAdminKey(dataDir: string, secret: string): void {
  writeFileAtomicSync(adminKeyFile(dataDir), `${secret}\n`, OWNER_ALONE);
}

/**
 * Makes the first admin key, unless there are keys already, keeps it in the data directory and shows it once.
 * @param say writes to the terminal
 */
export async function ensureAdminKey(
  services: AccessServices,
  dataDir: string,
  say: (text: string) => void,
): Promise<void> {
  const made = await makeFirstKey(services, DEFAULT_TEAM_ID, (secret) => {
    keepAdminKey(dataDir, secret);
    say(`the first admin key, shown this once and kept in ${adminKeyFile(dataDir)}: ${secret}`);
  });
  if (made || readAdminKey(dataDir) !== undefined) return;
  say('no admin key is kept in the data directory; "npm run access -- admin-key" makes one');
}
