import { z } from 'zod';
import { AppError, notFound, Upload, type Actor } from '#contracts';
import {
  offsetConflict,
  UPLOAD_KEPT_MS,
  type NewPart,
  type StoredUpload,
  type UploadPart,
  type UploadRepository,
} from '#registry';
import type { ArtifactReferences } from '../artifacts/artifact-references.js';
import { artifactRow } from '../artifacts/artifact.rows.js';
import { inTransaction, type Database, type Transaction } from '../database/database.js';
import { auditColumns, isId, plain } from '../database/rows.js';
import type { UploadModel } from '../generated/models.js';

const Parts = z.array(z.object({ key: z.string(), bytes: z.number() }));

/** Uploads in PostgreSQL. */
export class PostgresUploadRepository implements UploadRepository {
  constructor(
    private readonly database: Database,
    private readonly references: ArtifactReferences,
  ) {}

  begin(upload: Upload): Promise<{ upload: Upload; isNew: boolean }> {
    return inTransaction(this.database, async (tx) => {
      const { teamId, owner, digest, bytes } = upload;
      const isKnown = await this.references.isKnown(tx, teamId, digest);
      if (isKnown) await requireSize(tx, upload);
      const where = { teamId, owner, digest, bytes, completedAt: null };
      const before = isKnown ? null : await tx.upload.findFirst({ where, orderBy: { createdAt: 'desc' } });
      if (before !== null) return { upload: toUpload(before), isNew: false };
      const state = isKnown ? { offset: bytes, completedAt: upload.createdAt } : {};
      const row = await tx.upload.create({ data: { ...auditColumns(upload), digest, bytes, ...state } });
      return { upload: toUpload(row), isNew: true };
    });
  }

  async find({ teamId }: Actor, uploadId: string): Promise<StoredUpload | undefined> {
    if (!isId(uploadId)) return undefined;
    const row = await this.database.upload.findUnique({ where: { id: uploadId, teamId } });
    return row === null ? undefined : toStored(row);
  }

  addPart(actor: Actor, { uploadId, offset, at, key, bytes }: NewPart): Promise<StoredUpload> {
    return inTransaction(this.database, async (tx) => {
      const { upload, parts } = toStored(await lockUpload(tx, actor, uploadId));
      if (upload.complete || upload.offset !== offset) throw offsetConflict(upload, offset);
      const added: UploadPart[] = [...parts, { key, bytes }];
      const data = { offset: offset + bytes, parts: added as object[], updatedAt: at };
      return toStored(await tx.upload.update({ where: { id: uploadId }, data }));
    });
  }

  complete(actor: Actor, uploadId: string, at: Date): Promise<Upload> {
    return inTransaction(this.database, async (tx) => {
      const row = await lockUpload(tx, actor, uploadId);
      if (row.completedAt !== null) return toUpload(row);
      const { upload } = toStored(row);
      await this.references.note(tx, [artifactRow(upload, 'bundle', upload)]);
      const data = { completedAt: at, updatedAt: at, offset: row.bytes, parts: [] };
      return toUpload(await tx.upload.update({ where: { id: uploadId }, data }));
    });
  }

  async remove({ teamId }: Actor, uploadId: string): Promise<void> {
    const where = { id: uploadId, teamId };
    const { count } = isId(uploadId) ? await this.database.upload.deleteMany({ where }) : { count: 0 };
    if (count === 0) throw notFound('upload', uploadId);
  }

  async removeExpired(before: Date): Promise<number> {
    return (await this.database.upload.deleteMany({ where: { updatedAt: { lt: before } } })).count;
  }

  async present(uploadIds: readonly string[]): Promise<Set<string>> {
    const where = { id: { in: uploadIds.filter(isId) } };
    const rows = await this.database.upload.findMany({ where, select: { id: true } });
    return new Set(rows.map(({ id }) => id));
  }
}

/** @throws AppError not_found */
async function lockUpload(tx: Transaction, { teamId }: Actor, uploadId: string): Promise<UploadModel> {
  if (!isId(uploadId)) throw notFound('upload', uploadId);
  await tx.$queryRaw`SELECT id FROM "Upload" WHERE id = ${uploadId}::uuid FOR UPDATE`;
  const row = await tx.upload.findUnique({ where: { id: uploadId, teamId } });
  if (row === null) throw notFound('upload', uploadId);
  return row;
}

async function requireSize(tx: Transaction, { teamId, digest, bytes }: Upload): Promise<void> {
  const { bytes: known } = await tx.artifact.findUniqueOrThrow({
    where: { teamId_digest: { teamId, digest } },
  });
  if (Number(known) === bytes) return;
  throw new AppError('invalid_request', `bytes is ${bytes}: expected ${known}, the size of file ${digest}`, {
    fields: [{ field: 'bytes', value: bytes, expected: `${known}, which is the size of the file` }],
  });
}

function toStored(row: UploadModel): StoredUpload {
  return { upload: toUpload(row), parts: Parts.parse(row.parts) };
}

function toUpload(row: UploadModel): Upload {
  const expiresAt = new Date(row.updatedAt.getTime() + UPLOAD_KEPT_MS).toISOString();
  return Upload.parse({ ...plain({ ...row }), complete: row.completedAt !== null, expiresAt });
}
