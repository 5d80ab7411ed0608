import fs, { createReadStream } from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { writeDurably, writeLocally } from './durable-files.js';
import { isMissing, unlessMissing } from './missing-file.js';
import { checkedKey, checkedPrefix } from './object-key.js';
import type { ObjectFile, ObjectFiles } from './object-files.js';

/** Beside the folders of the artifacts, whose names are two hex digits. */
const FOLDER = 'files';

/** Object files in a directory: `a/b` is the file `files/a/b`. */
export class DirectoryObjectFiles implements ObjectFiles {
  private readonly folder: string;

  constructor(private readonly directory: string) {
    this.folder = path.join(directory, FOLDER);
  }

  async put(key: string, localFile: string): Promise<void> {
    const file = this.pathOf(key);
    await writeDurably(this.directory, createReadStream(localFile), () => file);
  }

  async fetch(key: string, localFile: string): Promise<boolean> {
    const content = await this.open(key);
    if (content === undefined) return false;
    await writeLocally(content, localFile);
    return true;
  }

  async open(key: string): Promise<Readable | undefined> {
    // Opened before anything is made of it: the file may be removed or replaced at any time, and an open one stays whole.
    const handle = await fs.promises.open(this.pathOf(key), 'r').catch(unlessMissing);
    return handle?.createReadStream();
  }

  async remove(key: string): Promise<void> {
    const file = this.pathOf(key);
    await fs.promises.rm(file, { force: true });
    await this.removeEmptyFolders(path.dirname(file));
  }

  async list(prefix: string): Promise<ObjectFile[]> {
    const start = checkedPrefix(prefix);
    const files = await this.filesIn(start.slice(0, start.lastIndexOf('/') + 1));
    return files.filter(({ key }) => key.startsWith(start)).sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** @param folder `""`, or keys' beginning up to a `/` */
  private async filesIn(folder: string): Promise<ObjectFile[]> {
    const options = { withFileTypes: true } as const;
    const entries = await fs.promises.readdir(path.join(this.folder, folder), options).catch(unlessMissing);
    const found = (entries ?? []).map((entry) => {
      const key = folder + entry.name;
      return entry.isDirectory() ? this.filesIn(`${key}/`) : this.fileAt(key);
    });
    return (await Promise.all(found)).flat();
  }

  private async fileAt(key: string): Promise<ObjectFile[]> {
    const found = await fs.promises.stat(path.join(this.folder, key)).catch(unlessMissing);
    return found === undefined ? [] : [{ key, bytes: found.size, modifiedAt: found.mtime }];
  }

  private async removeEmptyFolders(folder: string): Promise<void> {
    if (folder === this.folder) return;
    try {
      await fs.promises.rmdir(folder);
    } catch (error) {
      if (isMissing(error) || isInUse(error)) return;
      throw error;
    }
    await this.removeEmptyFolders(path.dirname(folder));
  }

  private pathOf(key: string): string {
    return path.join(this.folder, ...checkedKey(key).split('/'));
  }
}

const isInUse = (error: unknown): boolean =>
  ['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '');
