import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { unless } from '../unless.js';

/** Paths of the whole files below a folder of checkpoints, without those that are being written. */
export async function checkpointFiles(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(unless('ENOENT', []));
  return found
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
}
