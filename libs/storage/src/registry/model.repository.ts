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
import type { Database } from '../database/database.js';
import { pageArguments, pageOfRows } from '../database/paging.js';
import { isId, plain } from '../database/rows.js';
import type { ModelModel } from '../generated/models.js';
import { toDeployment, toVersion, WITH_PARTS, WITH_PLACE } from './model.rows.js';

export class PostgresModelRepository implements ModelRepository {
  constructor(private readonly database: Database) {}

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

function toModel(row: ModelModel): Model {
  return Model.parse(plain(row));
}
