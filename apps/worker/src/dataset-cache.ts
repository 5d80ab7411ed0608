import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { notFound } from '#contracts';
import { digestOfFile } from '#runtime';
import { checking, isDigest, type ArtifactStore } from '#storage';
import { linkOrCopy } from './link-or-copy.js';
import { unless } from './unless.js';

/** A file that a worker was fetching when it died. */
const STALE_AFTER_MS = 24 * 60 * 60 * 1000;
const FETCHING = '.fetching';

export interface DatasetCacheOptions {
  /** Several workers of a machine may share it: files of datasets, and bundles that trainings begin with. */
  readonly folder: string;
  /** The files that were used least recently go when there are more. */
  readonly maxBytes: number;
  readonly artifacts: Pick<ArtifactStore, 'open'>;
  /** Told of what could not be evicted: who asked for a file has it all the same. */
  readonly onEvictionError: (error: unknown) => void;
}

/**
 * Artifacts on this machine's disk, by digest. Who uses one has a link of their own: eviction takes the name in the cache
 * away, and nothing of a file that is in use.
 */
export class DatasetCache {
  constructor(private readonly options: DatasetCacheOptions) {}

  /**
   * Puts an artifact at a path, to be read only, and checks its content.
   * @throws AppError not_found or artifact_corrupt; AbortError when `signal` aborts while the file is fetched
   */
  async provide(digest: string, target: string, signal?: AbortSignal): Promise<void> {
    if (!isDigest(digest)) throw notFound('artifact', digest); // it would be a path to anywhere
    const cached = path.join(this.options.folder, digest);
    if (!(await this.take(digest, cached, target))) await this.fetch(digest, cached, target, signal);
    await this.evict().catch(this.options.onEvictionError);
  }

  /** False when the cache has no such file, or one that was damaged, which is removed. */
  private async take(digest: string, cached: string, target: string): Promise<boolean> {
    const isThere = await linkOrCopy(cached, target).then(() => true, unless('ENOENT', false));
    if (!isThere) return false;
    if ((await digestOfFile(target)).digest !== digest) {
      await rm(target, { force: true });
      await rm(cached, { force: true });
      return false;
    }
    const now = new Date();
    await utimes(cached, now, now).catch(unless('ENOENT', undefined)); // another worker of this machine was faster
    return true;
  }

  /** The file gets its name when all of it is there and right; of two workers that fetch it, the last one's stays. */
  private async fetch(
    digest: string,
    cached: string,
    target: string,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { folder, artifacts } = this.options;
    await mkdir(folder, { recursive: true });
    const temporary = path.join(folder, `${digest}.${randomUUID()}${FETCHING}`);
    try {
      const content = await artifacts.open(digest);
      const file = createWriteStream(temporary, { flags: 'wx' });
      await pipeline(content, checking(digest), file, { signal });
      await chmod(temporary, 0o444);
      await linkOrCopy(temporary, target);
      await rename(temporary, cached);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  private async evict(): Promise<void> {
    const { folder, maxBytes, onEvictionError } = this.options;
    const files = [];
    for (const name of await readdir(folder)) {
      const file = path.join(folder, name);
      const found = await stat(file).catch(unless('ENOENT', undefined));
      if (found === undefined) continue;
      const { size, mtimeMs } = found;
      if (isDigest(name)) files.push({ file, size, mtimeMs });
      const isStale = name.endsWith(FETCHING) && mtimeMs < Date.now() - STALE_AFTER_MS;
      if (isStale) await rm(file, { force: true }).catch(onEvictionError);
    }
    let bytes = files.reduce((sum, { size }) => sum + size, 0);
    for (const { file, size } of files.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
      if (bytes <= maxBytes) return;
      const removed = rm(file, { force: true }).then(() => size);
      bytes -= (await removed.catch(onEvictionError)) ?? 0;
    }
  }
}
