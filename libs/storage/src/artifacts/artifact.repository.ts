import type { Actor } from '#contracts';
import type { Database } from '../database/database.js';
import type { ArtifactKind } from '../generated/client.js';
import type { StoredArtifact } from './artifact-store.js';

export interface KnownArtifact extends StoredArtifact {
  readonly kind: ArtifactKind;
}

/** Which stored files a team refers to. The repositories write it, together with what refers to the files. */
export class ArtifactRepository {
  constructor(private readonly database: Database) {}

  /** A file that the team may read; undefined for one that only other teams refer to. */
  async find({ teamId }: Actor, digest: string): Promise<KnownArtifact | undefined> {
    const where = { teamId_digest: { teamId, digest } };
    const row = await this.database.artifact.findUnique({ where });
    return row === null ? undefined : { digest, bytes: Number(row.bytes), kind: row.kind };
  }

  /** Whether a measuring task of the device names the file. */
  async isMeasuredBy({ teamId }: Actor, deviceId: string, digest: string): Promise<boolean> {
    const named = JSON.stringify([{ onnx: { digest } }]);
    const found = await this.database.$queryRaw<unknown[]>`
      SELECT 1 FROM "MeasuringTask"
      WHERE "teamId" = ${teamId}::uuid AND "deviceId" = ${deviceId}::uuid AND subnets @> ${named}::jsonb
      LIMIT 1`;
    return found.length > 0;
  }
}
