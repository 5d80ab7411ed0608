import {
  Model,
  type Actor,
  type Deployment,
  type ListDeployments,
  type ModelVersion,
  type Page,
  type PageQuery,
} from '#contracts';
import type { ModelRepository } from '#registry';
import { versionWebhookEvents } from '#webhooks';
import { artifactRow } from '../artifacts/artifact.rows.js';
import { inTransaction, type Database, type Transaction } from '../database/database.js';
import { pageArguments, pageOfRows } from '../database/paging.js';
import { auditColumns, isId, plain } from '../database/rows.js';
import type { ModelModel } from '../generated/models.js';
import { recordWebhookEvents } from '../webhooks/record-webhook-events.js';
import {
  deploymentColumns,
  toDeployment,
  toVersion,
  versionColumns,
  WITH_PARTS,
  WITH_PLACE,
} from './model.rows.js';

export class PostgresModelRepository implements ModelRepository {
  constructor(private readonly database: Database) {}

  publish(model: Model, jobId: string, build: (version: number) => ModelVersion): Promise<ModelVersion> {
    return inTransaction(this.database, async (tx) => {
      const stored = await lockModel(tx, model);
      const before = await tx.modelVersion.findUnique({ where: { jobId }, include: WITH_PARTS });
      if (before !== null) return toVersion(before);
      const newest = await tx.modelVersion.aggregate({
        where: { modelId: stored.id },
        _max: { version: true },
      });
      const version = build((newest._max.version ?? 0) + 1);
      await insertVersion(tx, version, stored.id);
      const data = { latestVersion: version.version, updatedAt: model.updatedAt };
      await tx.model.update({ where: { id: stored.id }, data });
      await recordWebhookEvents(tx, versionWebhookEvents(version));
      return version;
    });
  }

  async findModel({ teamId }: Actor, name: string): Promise<Model | undefined> {
    const row = await this.database.model.findUnique({ where: { teamId_name: { teamId, name } } });
    return row === null ? undefined : toModel(row);
  }

  async listModels({ teamId }: Actor, query: PageQuery): Promise<Page<Model>> {
    const { where, ...page } = pageArguments(query);
    const rows = await this.database.model.findMany({ where: { ...where, teamId }, ...page });
    return pageOfRows(rows, query, toModel);
  }

  async findVersion({ teamId }: Actor, name: string, version: number): Promise<ModelVersion | undefined> {
    const row = await this.database.modelVersion.findFirst({
      where: { version, model: { teamId, name } },
      include: WITH_PARTS,
    });
    return row === null ? undefined : toVersion(row);
  }

  async findDeployment({ teamId }: Actor, deploymentId: string): Promise<Deployment | undefined> {
    if (!isId(deploymentId)) return undefined;
    const where = { id: deploymentId, teamId };
    const row = await this.database.deployment.findUnique({ where, include: WITH_PLACE });
    return row === null ? undefined : toDeployment(row);
  }

  async listDeployments({ teamId }: Actor, query: ListDeployments): Promise<Page<Deployment>> {
    const { where, ...page } = pageArguments(query);
    const rows = await this.database.deployment.findMany({
      where: { ...where, teamId, deviceId: query.deviceId },
      include: WITH_PLACE,
      ...page,
    });
    return pageOfRows(rows, query, toDeployment);
  }
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

function toModel(row: ModelModel): Model {
  return Model.parse(plain(row));
}
