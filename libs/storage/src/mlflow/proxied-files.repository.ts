import { randomUUID } from 'node:crypto';
import { newAudit, type Actor } from '#contracts';
import type { ProxiedFile, ProxiedFiles } from '#mlflow';
import type { ArtifactReferences } from '../artifacts/artifact-references.js';
import { artifactRow } from '../artifacts/artifact.rows.js';
import { inTransaction, type Database } from '../database/database.js';
import type { MlflowFileModel, UploadModel } from '../generated/models.js';

type Row = MlflowFileModel & { readonly upload: UploadModel };

const WITH_UPLOAD = { upload: true } as const;

/** Paths in PostgreSQL; a file is an upload that was complete when it came. */
export class PostgresProxiedFiles implements ProxiedFiles {
  constructor(
    private readonly database: Database,
    private readonly references: ArtifactReferences,
  ) {}

  note(actor: Actor, { path, ...stored }: ProxiedFile, at: Date): Promise<void> {
    return inTransaction(this.database, async (tx) => {
      const { digest } = stored;
      const bytes = BigInt(stored.bytes);
      const upload = { ...newAudit(actor, randomUUID(), at), digest, bytes, offset: bytes, completedAt: at };
      await this.references.note(tx, [artifactRow(actor, 'bundle', stored)]);
      await tx.upload.create({ data: upload });
      const { teamId } = actor;
      await tx.mlflowFile.upsert({
        where: { teamId_path: { teamId, path } },
        create: { ...newAudit(actor, randomUUID(), at), path, uploadId: upload.id },
        update: { owner: actor.owner, updatedAt: at, uploadId: upload.id },
      });
    });
  }

  async find({ teamId }: Actor, path: string): Promise<ProxiedFile | undefined> {
    const where = { teamId_path: { teamId, path } };
    const row = await this.database.mlflowFile.findUnique({ where, include: WITH_UPLOAD });
    return row === null ? undefined : toFile(row);
  }

  async below({ teamId }: Actor, folder: string, limit: number): Promise<ProxiedFile[]> {
    const startsWith = folder === '' ? '' : `${folder.replaceAll(/[\\%_]/g, '\\$&')}/`;
    const rows = await this.database.mlflowFile.findMany({
      where: { teamId, path: { startsWith } },
      include: WITH_UPLOAD,
      orderBy: { path: 'asc' },
      take: limit,
    });
    return rows.map(toFile);
  }
}

function toFile({ path, upload }: Row): ProxiedFile {
  return { path, digest: upload.digest, bytes: Number(upload.bytes) };
}
