import { createHash } from 'node:crypto';
import fs, { createReadStream } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { AppError, notFound } from '#contracts';
import { readInChunks } from '#runtime';
import type { ArtifactStore, ByteRange, ListedArtifact, StoredArtifact } from './artifact-store.js';
import { checkRange, outsideContent } from './byte-range.js';
import { checkDigest, hashing, isDigest, requireDigest, verifyContent } from './content-digest.js';
import { moveDurably, tryWriting, writeDurably } from './durable-files.js';
import { unlessMissing } from './missing-file.js';
import { StoreHealth } from './store-health.js';

/** An artifact store in a directory: content with the digest `abcd...` is the file `ab/cd/abcd...`. */
export class DirectoryArtifactStore implements ArtifactStore {
  readonly kind = 'directory';
  private readonly probe = new StoreHealth(() => tryWriting(this.directory).catch(rethrowUnwritable));

  constructor(private readonly directory: string) {}

  putBytes(content: Uint8Array): Promise<StoredArtifact> {
    return this.putStream(Readable.from([content]));
  }

  putFile(file: string): Promise<StoredArtifact> {
    return this.putStream(createReadStream(file));
  }

  async putStream(content: Readable): Promise<StoredArtifact> {
    const hash = createHash('sha256');
    let digest = '';
    const nameOf = () => this.pathOf((digest = hash.digest('hex')));
    await writeDurably(this.directory, content, nameOf, [hashing(hash)]);
    return this.require(digest);
  }

  async adoptFile(file: string, digest: string): Promise<StoredArtifact> {
    requireDigest(digest);
    if (!(await moveDurably(this.directory, file, this.pathOf(digest)))) {
      const stored = await this.putFile(file); // from another file system
      if (stored.digest !== digest)
        throw new AppError('artifact_corrupt', `a file that came as artifact ${digest} is ${stored.digest}`);
      await fs.promises.rm(file, { force: true });
    }
    return this.require(digest);
  }

  async find(digest: string): Promise<StoredArtifact | undefined> {
    if (!isDigest(digest)) return undefined;
    const found = await fs.promises.stat(this.pathOf(digest)).catch(unlessMissing);
    return found && { digest, bytes: found.size };
  }

  async *list(): AsyncIterable<ListedArtifact> {
    for (const outer of await this.namesIn('')) {
      for (const inner of await this.namesIn(outer)) {
        for (const digest of await fs.promises.readdir(path.join(this.directory, inner))) {
          const found =
            isDigest(digest) && (await fs.promises.stat(this.pathOf(digest)).catch(unlessMissing));
          if (found) yield { digest, bytes: found.size, modifiedAt: found.mtime };
        }
      }
    }
  }

  async remove(digest: string): Promise<void> {
    if (isDigest(digest)) await fs.promises.rm(this.pathOf(digest), { force: true });
  }

  async open(digest: string, range?: ByteRange): Promise<Readable> {
    const { bytes } = await this.require(digest);
    const file = this.pathOf(digest);
    if (range === undefined) return readInChunks(file);
    checkRange(range);
    if (range.first >= bytes) throw outsideContent(range);
    return readInChunks(file, range);
  }

  async read(digest: string): Promise<Uint8Array> {
    await this.require(digest);
    const content = await fs.promises.readFile(this.pathOf(digest));
    checkDigest(digest, createHash('sha256').update(content));
    return content;
  }

  async verify(digest: string): Promise<void> {
    await verifyContent(digest, await this.open(digest));
  }

  health(): Promise<void> {
    return this.probe.run();
  }

  private async require(digest: string): Promise<StoredArtifact> {
    const found = await this.find(digest);
    if (found === undefined) throw notFound('artifact', digest);
    return found;
  }

  /** Names of two hex digits, which are those of the folders that artifacts are in. */
  private async namesIn(folder: string): Promise<string[]> {
    const names = await fs.promises.readdir(path.join(this.directory, folder)).catch(unlessMissing);
    return (names ?? []).filter((name) => /^[0-9a-f]{2}$/.test(name)).map((name) => path.join(folder, name));
  }

  private pathOf(digest: string): string {
    return path.join(this.directory, digest.slice(0, 2), digest.slice(2, 4), digest);
  }
}

function rethrowUnwritable(cause: unknown): never {
  throw new AppError('unavailable', 'the directory of the artifacts cannot be written to', { cause });
}
