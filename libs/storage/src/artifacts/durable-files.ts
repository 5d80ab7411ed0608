import { randomUUID } from 'node:crypto';
import fs, { createWriteStream } from 'node:fs';
import path from 'node:path';
import type { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { syncFolder } from '#runtime';
import { isMissing, unlessMissing } from './missing-file.js';
import { removeLeftovers } from './remove-leftovers.js';
import { unread } from './unread-content.js';

const INCOMING = 'incoming';
/** How often a folder may vanish, emptied by another process, between its making and the use of it. */
const TRIES = 10;

/**
 * Writes a file below `root` durably. Readers never see a part: it gets its name when all of it is on the disk, and
 * nothing is left of content that breaks off.
 * @param nameOf its path, asked for when all of the content has passed `through`
 */
export async function writeDurably(
  root: string,
  content: Readable,
  nameOf: () => string,
  through: Transform[] = [],
): Promise<void> {
  const temporary = path.join(root, INCOMING, randomUUID());
  unread(content);
  try {
    await fs.promises.mkdir(path.dirname(temporary), { recursive: true });
    await pipeline([content, ...through, createWriteStream(temporary, { flush: true })]);
    await moveInto(temporary, nameOf(), root);
  } catch (error) {
    content.destroy();
    await fs.promises.rm(temporary, { force: true });
    throw error;
  }
}

/**
 * Moves a file of the same file system below `root`, durably.
 * @returns false, and leaves it where it is, when it is on another one
 */
export async function moveDurably(root: string, source: string, file: string): Promise<boolean> {
  const handle = await fs.promises.open(source, 'r+');
  await handle.sync().finally(() => handle.close());
  try {
    // So that it is as old as its place in the store.
    const now = new Date();
    await fs.promises.utimes(source, now, now);
    await moveInto(source, file, root);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    return false;
  }
}

/** Removes what writers that were killed left behind. @throws AggregateError of what could not be removed */
export function removeUnfinished(root: string): Promise<void> {
  return removeLeftovers(path.join(root, INCOMING), () => true);
}

/** Makes and removes a file, as a put would. */
export async function tryWriting(root: string): Promise<void> {
  const probe = path.join(root, INCOMING, randomUUID());
  await fs.promises.mkdir(path.dirname(probe), { recursive: true });
  await fs.promises.writeFile(probe, 'probe');
  await fs.promises.rm(probe);
}

/** Writes a local file that gets its name when all of it is there; it need not outlive a loss of power. */
export async function writeLocally(content: Readable, file: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}.part`;
  unread(content);
  try {
    await fs.promises.mkdir(path.dirname(file), { recursive: true });
    await pipeline(content, createWriteStream(temporary, { flags: 'wx' }));
    await fs.promises.rename(temporary, file);
  } catch (error) {
    content.destroy();
    await fs.promises.rm(temporary, { force: true });
    throw error;
  }
}

async function moveInto(temporary: string, file: string, root: string): Promise<void> {
  for (let left = TRIES; ; left--) {
    try {
      await fs.promises.mkdir(path.dirname(file), { recursive: true });
      await fs.promises.rename(temporary, file);
      break;
    } catch (error) {
      if (left === 1 || !isMissing(error)) throw error;
    }
  }
  await syncFolders(path.dirname(file), root);
}

/**
 * Makes the names in a folder and in those above it durable; at once, for a file system then writes its journal once. A folder that is
 * gone was emptied meanwhile.
 */
async function syncFolders(folder: string, root: string): Promise<void> {
  const above = folder === root ? undefined : syncFolders(path.dirname(folder), root);
  await Promise.all([syncFolder(folder).catch(unlessMissing), above]);
}
