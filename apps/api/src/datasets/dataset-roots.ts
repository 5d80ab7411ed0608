import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { IDX_FILES, type DatasetSource } from '#contracts';
import { invalidRequest } from '../http/contract.pipe.js';

/** Folders of this machine below which requests may name files. Links that lead out of them are not followed. */
export class DatasetRoots {
  /** @param roots absolute */
  constructor(private readonly roots: readonly string[]) {}

  /** @throws AppError invalid_request naming the field whose path leads elsewhere */
  async require(source: DatasetSource): Promise<void> {
    const faults = [];
    for (const [field, value] of pathsOf(source)) {
      if (await this.holds(value)) continue;
      faults.push({ field: `source.${field}`, value, expected: this.expected() });
    }
    if (faults.length > 0) throw invalidRequest(faults);
  }

  /** What is not there is for its reader to refuse: by its name it would lie below a root. */
  async holds(file: string): Promise<boolean> {
    const named = path.resolve(file);
    if (!this.roots.some((root) => isBelow(root, named))) return false;
    const real = await resolved(named);
    if (real === undefined) return true;
    const roots = await Promise.all(this.roots.map(async (root) => (await resolved(root)) ?? root));
    return roots.some((root) => isBelow(root, real));
  }

  private expected(): string {
    if (this.roots.length === 0) return 'an upload: DATASET_ROOTS of this server names no folder';
    return `a path below ${this.roots.join(' or ')} (DATASET_ROOTS of this server)`;
  }
}

function pathsOf(source: DatasetSource): [field: string, path: string][] {
  switch (source.kind) {
    case 'mnist':
    case 'fashion-mnist':
      return [];
    case 'folder':
      return [['folder', source.folder]];
    case 'path':
      return IDX_FILES.map((file) => [file, source[file]]);
  }
}

function isBelow(root: string, file: string): boolean {
  const relative = path.relative(root, file);
  return relative === '' || (!relative.startsWith(`..${path.sep}`) && relative !== '..');
}

/** Where a path leads behind all links; undefined where it leads nowhere. */
async function resolved(file: string): Promise<string | undefined> {
  try {
    return await realpath(file);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
