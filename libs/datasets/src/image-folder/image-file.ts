import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { DatasetError } from '../dataset-error.js';

/** One image of a folder. */
export interface ImageFile {
  /** Path within the folder, with "/": what messages, the split and the listing call it. */
  readonly name: string;
  /** Where its bytes lie; that may be elsewhere, under another name. */
  readonly path: string;
}

/** What file managers leave in folders. */
const NO_DATA = /(^|\/)(\.[^/]*|Thumbs\.db|desktop\.ini|__MACOSX)(\/|$)/;

/**
 * Files in a folder and the folders in it, but for hidden ones.
 * @throws DatasetError naming the folder when it cannot be read
 */
export async function listImageFolder(folder: string): Promise<ImageFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: Error) => {
    throw new DatasetError(`cannot be read: ${error.message}`, { file: folder }, { cause: error });
  });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ name: relative(folder, path).split(sep).join('/'), path }))
    .filter(({ name }) => !NO_DATA.test(name));
}
