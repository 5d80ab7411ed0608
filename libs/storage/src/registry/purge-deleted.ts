import type { PurgeQuery } from '#registry';
import { inTransaction, type Database, type Transaction } from '../database/database.js';

/** Removes models and versions that have been deleted for long. History of aliases stays, and the numbers that were given. */
export async function purgeDeleted(
  database: Database,
  { deletedBefore, limit }: PurgeQuery,
): Promise<number> {
  const deletedAt = { lt: deletedBefore };
  const order = { orderBy: { deletedAt: 'asc' as const }, take: limit };
  const models = await database.model.findMany({ where: { deletedAt, purgedAt: null }, ...order });
  const versions = await database.modelVersion.findMany({ where: { deletedAt }, ...order });
  let purged = 0;
  for (const { id } of models) purged += await purgeModel(database, id, deletedBefore);
  for (const { id, modelId } of versions)
    purged += await purgeVersion(database, { id, modelId }, deletedBefore);
  return purged;
}

/** Restored meanwhile, it stays. */
function purgeModel(database: Database, id: string, deletedBefore: Date): Promise<number> {
  return inTransaction(database, async (tx) => {
    await lock(tx, id);
    const where = { id, deletedAt: { lt: deletedBefore }, purgedAt: null };
    const data = { purgedAt: new Date(), description: '', tags: {}, latestVersion: null };
    const { count } = await tx.model.updateMany({ where, data });
    if (count > 0) await remove(tx, { modelId: id });
    return count;
  });
}

function purgeVersion(
  database: Database,
  { id, modelId }: { readonly id: string; readonly modelId: string },
  deletedBefore: Date,
): Promise<number> {
  return inTransaction(database, async (tx) => {
    await lock(tx, modelId);
    return remove(tx, { id, deletedAt: { lt: deletedBefore } });
  });
}

async function lock(tx: Transaction, modelId: string): Promise<void> {
  await tx.$queryRaw`SELECT id FROM "Model" WHERE id = ${modelId}::uuid FOR UPDATE`;
}

/** Versions, and what goes with them. */
async function remove(
  tx: Transaction,
  where: { readonly modelId: string } | { readonly id: string; readonly deletedAt: { readonly lt: Date } },
): Promise<number> {
  await tx.pointDrift.deleteMany({ where: { deployment: { modelVersion: where } } });
  await tx.deployment.deleteMany({ where: { modelVersion: where } });
  return (await tx.modelVersion.deleteMany({ where })).count;
}
