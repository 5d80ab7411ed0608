import fs from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { claimFile, removeStaleFile } from './claim-file.js';
import { identify, stillRuns } from './process-identity.js';

const Holder = z.object({ pid: z.number().int(), startedAt: z.string() });

export class DataDirectoryInUseError extends Error {
  override readonly name = 'DataDirectoryInUseError';
}

/**
 * Makes this process the only one of its kind on a data directory, until the returned function is called. A lock that a
 * killed process left is taken over.
 * @param kind what the process is: "launcher", "agent"
 * @throws DataDirectoryInUseError naming the process that holds it.
 */
export function lockDataDirectory(dataDir: string, kind: string): () => void {
  fs.mkdirSync(dataDir, { recursive: true });
  const file = path.join(dataDir, `${kind}.lock`);
  const own = JSON.stringify(identify(process.pid));
  // A second round after removing a stale lock; another process may do the same at the same moment, and one wins.
  for (let round = 0; round < 2; round++) {
    if (claimFile(file, own)) return () => release(file, own);
    removeIfStale(file, dataDir, kind);
  }
  throw new DataDirectoryInUseError(`${dataDir} was taken by another ${kind} just now`);
}

function removeIfStale(file: string, dataDir: string, kind: string): void {
  const text = read(file);
  if (text === undefined) return; // released just now
  const holder = parse(text);
  if (holder && stillRuns(holder)) {
    throw new DataDirectoryInUseError(
      `${dataDir} is in use by the ${kind} with process id ${holder.pid}: stop that one, or choose another directory ` +
        'with --data-dir',
    );
  }
  removeStaleFile(file, text);
}

function read(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function parse(text: string): z.infer<typeof Holder> | undefined {
  try {
    return Holder.parse(JSON.parse(text));
  } catch {
    return undefined; // damaged, and so nobody's
  }
}

function release(file: string, own: string): void {
  // Unreadable when the directory was removed meanwhile: nothing is left to release.
  if (read(file) === own) fs.rmSync(file, { force: true });
}
