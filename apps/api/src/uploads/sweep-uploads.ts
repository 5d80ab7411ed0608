import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';

/** Several APIs may share the folder: what is younger may belong to a request that is under way. */
const STALE_AFTER_MS = 24 * 60 * 60 * 1000;
/** A folder for files that are made of what a request brings; the part that follows makes it one of a kind. */
export const PACKED_PREFIX = 'packed-';
/** Multer's files and those folders; anything else is not ours. */
const OWN = new RegExp(`^([0-9a-f]{32}|${PACKED_PREFIX}.+)$`);

/**
 * Removes what an API that died left of requests.
 * @param onError told of what could not be removed
 */
export async function sweepUploads(folder: string, onError: (error: unknown) => void): Promise<void> {
  const names = (await readdir(folder)).filter((name) => OWN.test(name));
  for (const name of names) await removeStale(path.join(folder, name)).catch(onError);
}

async function removeStale(entry: string): Promise<void> {
  // Another API may have been faster.
  const found = await stat(entry).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  if (found === undefined || found.mtimeMs > Date.now() - STALE_AFTER_MS) return;
  await rm(entry, { recursive: true, force: true });
}
