import { createHash, randomUUID, type Hash } from 'node:crypto';
import fs, { createReadStream, createWriteStream } from 'node:fs';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError, notFound, Sha256 } from '#contracts';
import type { ArtifactStore, ByteRange, StoredArtifact } from './artifact-store.js';

const INCOMING = 'incoming';

/** An artifact store in a directory: content with the digest `abcd...` is the file `ab/cd/abcd...`. */
export class DirectoryArtifactStore implements ArtifactStore {
  constructor(private readonly directory: string) {}

  putBytes(content: Uint8Array): Promise<StoredArtifact> {
    return this.putStream(Readable.from([content]));
  }

  putFile(file: string): Promise<StoredArtifact> {
    return this.putStream(createReadStream(file));
  }

  /** Readers never see a part: the file gets its name when all of it is on the disk. */
  async putStream(content: Readable): Promise<StoredArtifact> {
    const temporary = path.join(this.directory, INCOMING, randomUUID());
    await fs.promises.mkdir(path.dirname(temporary), { recursive: true });
    const hash = createHash('sha256');
    try {
      await pipeline(content, hashing(hash), createWriteStream(temporary, { flush: true }));
      const digest = hash.digest('hex');
      const { size } = await fs.promises.stat(temporary);
      await this.keep(temporary, this.pathOf(digest));
      return { digest, bytes: size };
    } catch (error) {
      await fs.promises.rm(temporary, { force: true });
      throw error;
    }
  }

  async find(digest: string): Promise<StoredArtifact | undefined> {
    if (!Sha256.safeParse(digest).success) return undefined; // also keeps "../" out of the path
    try {
      const { size } = await fs.promises.stat(this.pathOf(digest));
      return { digest, bytes: size };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async open(digest: string, range?: ByteRange): Promise<Readable> {
    await this.require(digest);
    return createReadStream(this.pathOf(digest), range && { start: range.first, end: range.last });
  }

  async read(digest: string): Promise<Uint8Array> {
    await this.require(digest);
    const content = await fs.promises.readFile(this.pathOf(digest));
    check(digest, createHash('sha256').update(content));
    return content;
  }

  async localFile(digest: string): Promise<string> {
    await this.verify(digest);
    return this.pathOf(digest);
  }

  async verify(digest: string): Promise<void> {
    await this.require(digest);
    const hash = createHash('sha256');
    await pipeline(createReadStream(this.pathOf(digest)), hash);
    check(digest, hash);
  }

  private async require(digest: string): Promise<void> {
    if ((await this.find(digest)) === undefined) throw notFound('artifact', digest);
  }

  private async keep(temporary: string, file: string): Promise<void> {
    const folder = path.dirname(file);
    await fs.promises.mkdir(folder, { recursive: true });
    await fs.promises.rename(temporary, file);
    for (const changed of [folder, path.dirname(folder), this.directory]) await syncFolder(changed);
  }

  private pathOf(digest: string): string {
    return path.join(this.directory, digest.slice(0, 2), digest.slice(2, 4), digest);
  }
}

function hashing(hash: Hash): Transform {
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
}

function check(digest: string, hash: Hash): void {
  const found = hash.digest('hex');
  if (found === digest) return;
  throw new AppError('artifact_corrupt', `the content of artifact ${digest} has the SHA-256 ${found}`);
}

/** Makes names in a folder durable. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await fs.promises.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
