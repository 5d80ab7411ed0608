import type { Readable } from 'node:stream';
import { notFound, type Actor } from '#contracts';
import type { ByteRange, Storage, StoredArtifact } from '#storage';

/** Stored files, for the teams that refer to them. */
export class ArtifactDownloads {
  constructor(private readonly storage: Pick<Storage, 'artifacts' | 'artifactRecords'>) {}

  /** @throws AppError not_found, also for a file that only other teams refer to */
  async find(actor: Actor, digest: string): Promise<StoredArtifact> {
    const known = await this.storage.artifactRecords.find(actor, digest);
    if (known === undefined) throw notFound('artifact', digest);
    return known;
  }

  /** Whether a measuring task of the device names the file. */
  isMeasuredBy(actor: Actor, deviceId: string, digest: string): Promise<boolean> {
    return this.storage.artifactRecords.isMeasuredBy(actor, deviceId, digest);
  }

  open(digest: string, range: ByteRange | undefined): Promise<Readable> {
    return this.storage.artifacts.open(digest, range);
  }
}
