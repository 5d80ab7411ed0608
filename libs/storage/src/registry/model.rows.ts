import { Deployment, ModelVersion } from '#contracts';
import { auditColumns, json, plain } from '../database/rows.js';
import type { DeploymentModel, ModelVersionModel } from '../generated/models.js';

/** What a version is read with. */
export const WITH_PARTS = {
  model: { select: { name: true } },
  deployments: { orderBy: [{ createdAt: 'asc' as const }, { id: 'asc' as const }] },
};

/** What a deployment is read with: the version that it is of. */
export const WITH_PLACE = {
  modelVersion: { select: { version: true, model: { select: { name: true } } } },
};

type DeploymentRow = DeploymentModel & { modelVersion: { version: number; model: { name: string } } };

type VersionRow = ModelVersionModel & { model: { name: string }; deployments: DeploymentModel[] };

export function versionColumns(version: ModelVersion, modelId: string) {
  const { jobId, datasetId, datasetDigest, calibrationId } = version.lineage;
  return {
    ...auditColumns(version),
    ...{ modelId, version: version.version, jobId, datasetId, datasetDigest, calibrationId },
    classes: version.classes,
    bundle: json(version.bundle),
    network: json(version.network),
    input: json(version.input),
    ratios: json(version.ratios),
    training: json(version.training),
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
