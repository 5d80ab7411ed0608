import type { ModelVersion, VersionDraft } from '#contracts';
import { noBundle, type Published } from '#registry';
import { versionWebhookEvents } from '#webhooks';
import type { ArtifactReferences } from '../artifacts/artifact-references.js';
import { artifactRow } from '../artifacts/artifact.rows.js';
import type { Transaction } from '../database/database.js';
import type { ModelModel } from '../generated/models.js';
import { recordWebhookEvents } from '../webhooks/record-webhook-events.js';
import { lockModelOfJob, lockModelThere, noteLatest } from './lock-model.js';
import { deploymentColumns, toVersion, versionColumns, WITH_PARTS, type VersionRow } from './model.rows.js';

/** The version of a job whose row is locked: the one that it has, or one of its draft, in a model that is made if need be. */
export async function publishOfJob(
  tx: Transaction,
  references: ArtifactReferences,
  jobId: string,
  draft: VersionDraft,
): Promise<Published> {
  const before = await tx.modelVersion.findUnique({ where: { jobId }, include: WITH_PARTS });
  if (before !== null) return { version: toVersion(before), isNew: false };
  return publishIn(tx, references, await lockModelOfJob(tx, draft.model), draft);
}

/** The version of a bundle that the team has, in a model that is there. @throws AppError not_found, invalid_request naming digest */
export async function publishOfUpload(
  tx: Transaction,
  references: ArtifactReferences,
  draft: VersionDraft,
): Promise<Published> {
  const model = await lockModelThere(tx, draft.model, draft.model.name);
  if (!(await references.isKnown(tx, model.teamId, draft.digest))) throw noBundle(draft.digest);
  return publishIn(tx, references, model, draft);
}

/** The version of a bundle that has just been put, in a model that is there. @throws AppError not_found */
export async function publishOfStored(
  tx: Transaction,
  references: ArtifactReferences,
  draft: VersionDraft,
): Promise<Published> {
  return publishIn(tx, references, await lockModelThere(tx, draft.model, draft.model.name), draft);
}

/** One version of a bundle: the one that a model whose row is locked has of it, which comes back if need be, or the next. */
async function publishIn(
  tx: Transaction,
  references: ArtifactReferences,
  { id: modelId, lastNumber }: ModelModel,
  { model, digest, build }: VersionDraft,
): Promise<Published> {
  const where = { modelId_digest: { modelId, digest } };
  const known = await tx.modelVersion.findUnique({ where, include: WITH_PARTS });
  if (known !== null) return { version: await broughtBack(tx, known), isNew: false };
  const version = build(lastNumber + 1);
  const data = { latestVersion: version.version, lastNumber: version.version, updatedAt: model.updatedAt };
  await tx.model.update({ where: { id: modelId }, data });
  await insertVersion(tx, references, version, modelId);
  await recordWebhookEvents(tx, versionWebhookEvents(version));
  // Read back, so that whoever reads it later has the same ETag.
  const stored = await tx.modelVersion.findUniqueOrThrow({ where, include: WITH_PARTS });
  return { version: toVersion(stored), isNew: true };
}

async function broughtBack(tx: Transaction, row: VersionRow): Promise<ModelVersion> {
  if (row.deletedAt === null) return toVersion(row);
  const data = { deletedAt: null, deletedBy: null };
  const back = await tx.modelVersion.update({ where: { id: row.id }, data, include: WITH_PARTS });
  await noteLatest(tx, row.modelId);
  return toVersion(back);
}

async function insertVersion(
  tx: Transaction,
  references: ArtifactReferences,
  version: ModelVersion,
  modelId: string,
): Promise<void> {
  await tx.modelVersion.create({ data: versionColumns(version, modelId) });
  const deployments = version.deployments.map((deployment) => deploymentColumns(deployment, version.id));
  await tx.deployment.createMany({ data: deployments });
  await references.note(tx, [artifactRow(version, 'bundle', version.bundle)]);
}
