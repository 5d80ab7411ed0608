import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AppError, notFound } from '#contracts';
import type { ArtifactStore } from '#storage';
import { linkOrCopy } from './link-or-copy.js';

/** A file that a worker was fetching when it died. */
const STALE_AFTER_MS = 24 * 60 * 60 * 1000;
const FETCHING = '.fetching';
/** What the cache has, besides what is being fetched; anything else is not its own. */
const DIGEST = /^[0-9a-f]{64}$/;

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
   * @throws AppError not_found or artifact_corrupt
   */
  async provide(digest: string, target: string): Promise<void> {
    if (!DIGEST.test(digest)) throw notFound('artifact', digest); // it would be a path to anywhere
    const cached = path.join(this.options.folder, digest);
    if (!(await this.take(digest, cached, target))) await this.fetch(digest, cached, target);
    await this.evict().catch(this.options.onEvictionError);
  }

  /** False when the cache has no such file, or one that was damaged, which is removed. */
  private async take(digest: string, cached: string, target: string): Promise<boolean> {
    try {
      await linkOrCopy(cached, target);
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
    if ((await digestOf(target)) !== digest) {
      await rm(target, { force: true });
      await rm(cached, { force: true });
      return false;
    }
    const now = new Date();
    await utimes(cached, now, now).catch(unlessMissing);
    return true;
  }

  /** The file gets its name when all of it is there and right; of two workers that fetch it, the last one's stays. */
  private async fetch(digest: string, cached: string, target: string): Promise<void> {
    const { folder, artifacts } = this.options;
    await mkdir(folder, { recursive: true });
    const temporary = path.join(folder, `${digest}.${randomUUID()}${FETCHING}`);
    try {
      const hash = createHash('sha256');
      const hashing = async function* (content: AsyncIterable<Buffer>) {
        for await (const chunk of content) {
          hash.update(chunk);
          yield chunk;
        }
      };
      await pipeline(await artifacts.open(digest), hashing, createWriteStream(temporary, { flags: 'wx' }));
      const found = hash.digest('hex');
      if (found !== digest) {
        throw new AppError('artifact_corrupt', `the content of artifact ${digest} has the SHA-256 ${found}`);
      }
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
      const found = await stat(file).catch(unlessMissing);
      if (found === undefined) continue;
      const { size, mtimeMs } = found;
      if (DIGEST.test(name)) files.push({ file, size, mtimeMs });
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

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** Another worker of this machine was faster. */
function unlessMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}
