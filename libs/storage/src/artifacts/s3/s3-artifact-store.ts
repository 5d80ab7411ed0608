import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { notFound } from '#contracts';
import { digestOfFile } from '#runtime';
import type { ArtifactStore, ByteRange, ListedArtifact, StoredArtifact } from '../artifact-store.js';
import { checkRange, outsideContent } from '../byte-range.js';
import { checkDigest, checking, isDigest, requireDigest, verifyContent } from '../content-digest.js';
import { writeLocally } from '../durable-files.js';
import { removeLeftovers } from '../remove-leftovers.js';
import { unread } from '../unread-content.js';
import { StoreHealth } from '../store-health.js';
import type { S3Bucket } from './s3-bucket.js';

const SPOOLED_PREFIX = 'isochron-artifact-';
const HEALTH_TIMEOUT_MS = 10_000;

/** Removes what processes of this machine that were killed left of streams. @throws AggregateError of what could not be removed */
export function removeSpooled(): Promise<void> {
  return removeLeftovers(os.tmpdir(), (name) => name.startsWith(SPOOLED_PREFIX));
}

/** An artifact store in a bucket: content with the digest `abcd...` is the object `sha256/abcd...`. */
export class S3ArtifactStore implements ArtifactStore {
  readonly kind = 's3';
  private readonly objects: S3Bucket;
  private readonly probe: StoreHealth;

  constructor(bucket: S3Bucket) {
    this.objects = bucket.folder('sha256');
    this.probe = new StoreHealth(() => bucket.check(AbortSignal.timeout(HEALTH_TIMEOUT_MS)));
  }

  async putBytes(content: Uint8Array): Promise<StoredArtifact> {
    const digest = createHash('sha256').update(content).digest('hex');
    await this.objects.putBytes(digest, content);
    return { digest, bytes: content.byteLength };
  }

  /** Reads the file twice, since an object's name must be known first; a file that changes in between is refused. */
  async putFile(file: string): Promise<StoredArtifact> {
    const stored = await digestOfFile(file);
    await this.upload(file, stored.digest);
    return stored;
  }

  async adoptFile(file: string, digest: string): Promise<StoredArtifact> {
    requireDigest(digest);
    const { size: bytes } = await stat(file);
    await this.upload(file, digest);
    await rm(file, { force: true });
    return { digest, bytes };
  }

  /** Through a file on this machine's disk (TMPDIR): the name of an object must be known before its content is sent. */
  async putStream(content: Readable): Promise<StoredArtifact> {
    unread(content);
    const folder = await mkdtemp(path.join(os.tmpdir(), SPOOLED_PREFIX));
    try {
      const file = path.join(folder, 'content');
      await writeLocally(content, file);
      return await this.putFile(file);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async find(digest: string): Promise<StoredArtifact | undefined> {
    if (!isDigest(digest)) return undefined;
    const bytes = await this.objects.bytesOf(digest);
    return bytes === undefined ? undefined : { digest, bytes };
  }

  async *list(): AsyncIterable<ListedArtifact> {
    for await (const { key: digest, bytes, modifiedAt } of this.objects.each('')) {
      if (isDigest(digest)) yield { digest, bytes, modifiedAt };
    }
  }

  async remove(digest: string): Promise<void> {
    if (isDigest(digest)) await this.objects.remove(digest);
  }

  async open(digest: string, range?: ByteRange): Promise<Readable> {
    requireDigest(digest);
    if (range !== undefined) checkRange(range);
    const content = await this.objects.open(digest, range);
    if (content === 'missing') throw notFound('artifact', digest);
    if (content === 'outside') throw outsideContent(range!);
    return content;
  }

  async read(digest: string): Promise<Uint8Array> {
    const content = await buffer(await this.open(digest));
    checkDigest(digest, createHash('sha256').update(content));
    return content;
  }

  async verify(digest: string): Promise<void> {
    await verifyContent(digest, await this.open(digest));
  }

  health(): Promise<void> {
    return this.probe.run();
  }

  /** @throws AppError artifact_corrupt for a file of another content, of which nothing is stored */
  private async upload(file: string, digest: string): Promise<void> {
    const content = checking(digest);
    void pipeline(createReadStream(file), content).catch(() => {}); // who reads `content` is told
    await this.objects.upload(digest, content);
  }
}
