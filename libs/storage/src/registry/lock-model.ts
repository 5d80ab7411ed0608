import { notFound, type Actor, type Model } from '#contracts';
import type { Transaction } from '../database/database.js';
import { auditColumns } from '../database/rows.js';
import type { ModelModel } from '../generated/models.js';

/**
 * The team's model of a name, a deleted one too, locked until the transaction ends: its versions and aliases change one after
 * the other. @throws AppError not_found
 */
export async function lockModel(
  tx: Transaction,
  { teamId }: Pick<Actor, 'teamId'>,
  name: string,
): Promise<ModelModel> {
  await tx.$queryRaw`SELECT id FROM "Model" WHERE "teamId" = ${teamId}::uuid AND name = ${name} FOR UPDATE`;
  const row = await tx.model.findUnique({ where: { teamId_name: { teamId, name } } });
  if (row === null || row.purgedAt !== null) throw notFound('model', name);
  return row;
}

/** The same for a model that is not deleted. @throws AppError not_found */
export async function lockModelThere(
  tx: Transaction,
  actor: Pick<Actor, 'teamId'>,
  name: string,
): Promise<ModelModel> {
  const row = await lockModel(tx, actor, name);
  if (row.deletedAt !== null) throw notFound('model', name);
  return row;
}

/** The model of a job, made if need be; one that was deleted is there again. */
export async function lockModelOfJob(tx: Transaction, model: Model): Promise<ModelModel> {
  const { teamId, name, updatedAt } = model;
  await tx.model.createMany({ data: [newModelColumns(model)], skipDuplicates: true });
  await tx.$queryRaw`SELECT id FROM "Model" WHERE "teamId" = ${teamId}::uuid AND name = ${name} FOR UPDATE`;
  const where = { teamId_name: { teamId, name } };
  const row = await tx.model.findUniqueOrThrow({ where });
  if (row.deletedAt === null) return row;
  const anew = row.purgedAt === null ? { updatedAt } : newModelColumns(model);
  return tx.model.update({ where, data: { ...anew, ...BACK, id: row.id } });
}

/** What a model that was deleted, or purged, is without. */
export const BACK = { deletedAt: null, deletedBy: null, purgedAt: null };

export function newModelColumns(model: Model) {
  const { name, description, tags } = model;
  return { ...auditColumns(model), name, description, tags };
}

/** Has a model whose row is locked say which of its versions is the newest that is not deleted. */
export async function noteLatest(tx: Transaction, modelId: string): Promise<void> {
  const where = { modelId, deletedAt: null };
  const { _max } = await tx.modelVersion.aggregate({ where, _max: { version: true } });
  await tx.model.update({ where: { id: modelId }, data: { latestVersion: _max.version } });
}
