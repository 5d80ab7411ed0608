import { Deployment, Model, ModelVersion, type TagFilter } from '#contracts';
import { auditColumns, json, jsonOrNull, plain } from '../database/rows.js';
import type { DeploymentModel, ModelModel, ModelVersionModel } from '../generated/models.js';

/** What a version is read with. */
export const WITH_PARTS = {
  model: { select: { name: true } },
  deployments: { orderBy: [{ createdAt: 'asc' as const }, { id: 'asc' as const }] },
};

/** What a deployment is read with: the version that it is of. */
export const WITH_PLACE = {
  modelVersion: { select: { version: true, model: { select: { name: true } } } },
};

/** Models and versions that are there. */
export const NOT_DELETED = { deletedAt: null };

type DeploymentRow = DeploymentModel & { modelVersion: { version: number; model: { name: string } } };

export type VersionRow = ModelVersionModel & { model: { name: string }; deployments: DeploymentModel[] };

/** What a change of a model may set. */
export function modelColumns({ updatedAt, description, tags, deletedAt, deletedBy }: Model) {
  return { updatedAt, description, tags, deletedAt: deletedAt ?? null, deletedBy: deletedBy ?? null };
}

/** What a change of a version may set. */
export function changingVersionColumns({ updatedAt, description, tags, deletedAt, deletedBy }: ModelVersion) {
  return { updatedAt, description, tags, deletedAt: deletedAt ?? null, deletedBy: deletedBy ?? null };
}

export function versionColumns(version: ModelVersion, modelId: string) {
  const { jobId, datasetId, datasetDigest, calibrationId, parent } = version.lineage;
  const { source, bundle, classes } = version;
  return {
    ...auditColumns(version),
    ...{ modelId, version: version.version, jobId, datasetId, datasetDigest, calibrationId },
    ...{ source, description: version.description, tags: version.tags, classes },
    bundle: json(bundle),
    digest: bundle.digest,
    bytes: BigInt(bundle.bytes),
    parent: jsonOrNull(parent),
    parentVersionId: parent?.versionId,
    network: json(version.network),
    input: json(version.input),
    ratios: json(version.ratios),
    training: jsonOrNull(version.training),
  };
}

export function deploymentColumns(deployment: Deployment, modelVersionId: string) {
  const { deviceId, deviceName, calibrationId, latencyTableId, latencyTableIds } = deployment;
  const { targetMs, tolerance, emulated } = deployment;
  return {
    ...auditColumns(deployment),
    ...{ modelVersionId, deviceId, deviceName, calibrationId, latencyTableId, latencyTableIds },
    ...{ targetMs, tolerance, emulated },
    points: json(deployment.points),
    stability: json(deployment.stability),
  };
}

export function toModel(row: ModelModel): Model {
  return Model.parse(plain(row));
}

export function toVersion({ model, deployments, ...row }: VersionRow): ModelVersion {
  const place = { model: model.name, version: row.version };
  const columns = plain(row);
  return ModelVersion.parse({
    ...columns,
    ...place,
    lineage: columns,
    deployments: deployments.map((deployment) => Deployment.parse({ ...plain(deployment), ...place })),
  });
}

export function toDeployment({ modelVersion, ...row }: DeploymentRow): Deployment {
  const { version, model } = modelVersion;
  return Deployment.parse({ ...plain(row), model: model.name, version });
}

/** Rows that have all of the tags. */
export function withTags(tags: TagFilter = []) {
  return { AND: tags.map(({ key, value }) => ({ tags: { path: [key], equals: value } })) };
}
