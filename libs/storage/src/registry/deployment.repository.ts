import {
  notFound,
  type Actor,
  type Deployment,
  type DeploymentOutcome,
  type ListDeployments,
  type MeasuringTask,
  type Page,
  type VersionDeployment,
  type VersionReference,
} from '#contracts';
import type { DeploymentRepository, FailedDeployment, MadeDeployment } from '#registry';
import { inTransaction, type Database, type Transaction } from '../database/database.js';
import { pageArguments, pageOfRows } from '../database/paging.js';
import { isId, json } from '../database/rows.js';
import { insertCalibration } from '../devices/calibration.repository.js';
import { toTask, WITH_TABLE } from '../devices/measuring-task.rows.js';
import { deploymentColumns, toDeployment, WITH_PLACE } from './model.rows.js';

export class PostgresDeploymentRepository implements DeploymentRepository {
  constructor(private readonly database: Database) {}

  async list(
    actor: Actor,
    version: VersionReference,
    query: ListDeployments,
  ): Promise<Page<VersionDeployment>> {
    const { where, ...page } = pageArguments(query);
    const of = { ...ofVersion(actor, version), deviceId: query.deviceId };
    const rows = await this.database.deployment.findMany({
      where: { ...where, ...of },
      include: WITH_PLACE,
      ...page,
    });
    const newest = await this.newestIds(rows.map(({ modelVersionId }) => modelVersionId));
    return pageOfRows(rows, query, (row) => ({ ...toDeployment(row), current: newest.has(row.id) }));
  }

  async newest(
    actor: Actor,
    { deviceId, ...version }: VersionReference & { readonly deviceId: string },
  ): Promise<Deployment | undefined> {
    if (!isId(deviceId)) return undefined;
    const row = await this.database.deployment.findFirst({
      where: { ...ofVersion(actor, version), deviceId },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      include: WITH_PLACE,
    });
    return row === null ? undefined : toDeployment(row);
  }

  create(made: MadeDeployment): Promise<void> {
    return inTransaction(this.database, (tx) => insertMade(tx, made));
  }

  settle(taskId: string, outcome: MadeDeployment | FailedDeployment): Promise<void> {
    return inTransaction(this.database, async (tx) => {
      const open = await tx.$queryRaw<unknown[]>`
        SELECT id FROM "MeasuringTask" WHERE id = ${taskId}::uuid AND "awaitsDeployment" FOR UPDATE`;
      if (open.length === 0) return;
      if ('deployment' in outcome) await insertMade(tx, outcome);
      const deployed: DeploymentOutcome =
        'deployment' in outcome ? { deploymentId: outcome.deployment.id } : outcome;
      await tx.measuringTask.update({
        where: { id: taskId },
        data: { deployed: json(deployed), awaitsDeployment: null },
      });
    });
  }

  async unsettled({
    completedBefore,
    limit,
  }: {
    completedBefore: Date;
    limit: number;
  }): Promise<MeasuringTask[]> {
    const rows = await this.database.measuringTask.findMany({
      where: { awaitsDeployment: true, state: 'completed', updatedAt: { lt: completedBefore } },
      orderBy: { id: 'asc' },
      take: limit,
      include: WITH_TABLE,
    });
    return rows.map(toTask);
  }

  /** The newest on every device, of versions. */
  private async newestIds(versionIds: readonly string[]): Promise<Set<string>> {
    const rows = await this.database.$queryRaw<{ id: string }[]>`
      SELECT DISTINCT ON ("modelVersionId", "deviceId") id FROM "Deployment"
      WHERE "modelVersionId" = ANY (${[...new Set(versionIds)]}::uuid[])
      ORDER BY "modelVersionId", "deviceId", "createdAt" DESC, id DESC`;
    return new Set(rows.map(({ id }) => id));
  }
}

const ofVersion = ({ teamId }: Actor, { model, version }: VersionReference) => ({
  teamId,
  modelVersion: { version, model: { teamId, name: model } },
});

async function insertMade(tx: Transaction, { calibration, deployment }: MadeDeployment): Promise<void> {
  const { teamId, model, version } = deployment;
  const where = { version, model: { teamId, name: model } };
  const found = await tx.modelVersion.findFirst({ where, select: { id: true } });
  if (found === null) throw notFound('model version', `${model}/${version}`);
  await insertCalibration(tx, calibration);
  await tx.deployment.create({ data: deploymentColumns(deployment, found.id) });
}
