import type { Model, ModelVersion, VersionDraft } from '#contracts';
import { versionWebhookEvents } from '#webhooks';
import { artifactRow } from '../artifacts/artifact.rows.js';
import type { Transaction } from '../database/database.js';
import { auditColumns } from '../database/rows.js';
import type { ModelModel } from '../generated/models.js';
import { recordWebhookEvents } from '../webhooks/record-webhook-events.js';
import { deploymentColumns, toVersion, versionColumns, WITH_PARTS } from './model.rows.js';

/** The version of a job whose row is locked: the one that it has, or the next one of the model, made of the draft. */
export async function publishVersion(
  tx: Transaction,
  jobId: string,
  { model, build }: VersionDraft,
): Promise<ModelVersion> {
  const before = await tx.modelVersion.findUnique({ where: { jobId }, include: WITH_PARTS });
  if (before !== null) return toVersion(before);
  const { id: modelId } = await lockModel(tx, model);
  const newest = await tx.modelVersion.aggregate({ where: { modelId }, _max: { version: true } });
  const version = build((newest._max.version ?? 0) + 1);
  await insertVersion(tx, version, modelId);
  const data = { latestVersion: version.version, updatedAt: model.updatedAt };
  await tx.model.update({ where: { id: modelId }, data });
  await recordWebhookEvents(tx, versionWebhookEvents(version));
  return version;
}

/** The team's model of this name, made if need be, locked until the transaction ends: one version at a time. */
async function lockModel(tx: Transaction, model: Model): Promise<ModelModel> {
  const { teamId, name, latestVersion } = model;
  const data = { ...auditColumns(model), name, latestVersion };
  await tx.model.createMany({ data: [data], skipDuplicates: true });
  await tx.$queryRaw`SELECT id FROM "Model" WHERE "teamId" = ${teamId}::uuid AND name = ${name} FOR UPDATE`;
  return tx.model.findUniqueOrThrow({ where: { teamId_name: { teamId, name } } });
}

async function insertVersion(tx: Transaction, version: ModelVersion, modelId: string): Promise<void> {
  await tx.modelVersion.create({ data: versionColumns(version, modelId) });
  const deployments = version.deployments.map((deployment) => deploymentColumns(deployment, version.id));
  await tx.deployment.createMany({ data: deployments });
  await tx.artifact.createMany({
    data: [artifactRow(version, 'bundle', version.bundle)],
    skipDuplicates: true,
  });
}
