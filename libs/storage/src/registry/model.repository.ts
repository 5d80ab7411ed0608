import {
  AppError,
  notFound,
  type Actor,
  type Deployment,
  type ListDeployments,
  type ListModels,
  type ListVersions,
  type Model,
  type ModelVersion,
  type Page,
  type VersionDraft,
} from '#contracts';
import type { ModelRepository, Published, PurgeQuery } from '#registry';
import type { ArtifactReferences } from '../artifacts/artifact-references.js';
import { inTransaction, type Database, type Transaction } from '../database/database.js';
import { numberedPage, pageArguments, pageOfNumbered, pageOfRows } from '../database/paging.js';
import { isId } from '../database/rows.js';
import { BACK, lockModel, lockModelThere, newModelColumns, noteLatest } from './lock-model.js';
import {
  changingVersionColumns,
  modelColumns,
  NOT_DELETED,
  toDeployment,
  toModel,
  toVersion,
  WITH_PARTS,
  WITH_PLACE,
  withTags,
} from './model.rows.js';
import { publishOfStored, publishOfUpload } from './publish-version.js';
import { purgeDeleted } from './purge-deleted.js';

/** Models, versions and deployments in PostgreSQL. */
export class PostgresModelRepository implements ModelRepository {
  constructor(
    private readonly database: Database,
    private readonly references: ArtifactReferences,
  ) {}

  createModel(model: Model): Promise<Model> {
    return inTransaction(this.database, async (tx) => {
      const { teamId, name } = model;
      const columns = newModelColumns(model);
      const made = await tx.model.createMany({ data: [columns], skipDuplicates: true });
      // Of a purged one nothing is left but its numbers.
      const where = { teamId, name, purgedAt: { not: null } };
      const data = { ...columns, ...BACK, id: undefined };
      const renewed = made.count > 0 || (await tx.model.updateMany({ where, data })).count > 0;
      if (!renewed) throw await modelExists(tx, teamId, name);
      return toModel(await tx.model.findUniqueOrThrow({ where: { teamId_name: { teamId, name } } }));
    });
  }

  async findModel({ teamId }: Actor, name: string): Promise<Model | undefined> {
    const where = { teamId_name: { teamId, name }, ...NOT_DELETED };
    const row = await this.database.model.findUnique({ where });
    return row === null ? undefined : toModel(row);
  }

  async listModels({ teamId }: Actor, query: ListModels): Promise<Page<Model>> {
    const { where, ...page } = pageArguments(query);
    const { name, tag, includeDeleted } = query;
    const shown = includeDeleted ? { purgedAt: null } : NOT_DELETED;
    const named = name === undefined ? {} : { name: { startsWith: name.replaceAll(/[\\%_]/g, '\\$&') } };
    const rows = await this.database.model.findMany({
      where: { ...where, teamId, ...shown, ...named, ...withTags(tag) },
      ...page,
    });
    return pageOfRows(rows, query, toModel);
  }

  updateModel(
    actor: Actor,
    name: string,
    change: (before: Model, aliases: readonly string[]) => Model,
  ): Promise<Model> {
    return inTransaction(this.database, async (tx) => {
      const row = await lockModel(tx, actor, name);
      const before = toModel(row);
      const after = change(before, await aliasesIn(tx, { modelId: row.id }));
      if (after === before) return before;
      return toModel(await tx.model.update({ where: { id: row.id }, data: modelColumns(after) }));
    });
  }

  async findVersion({ teamId }: Actor, name: string, version: number): Promise<ModelVersion | undefined> {
    const row = await this.database.modelVersion.findFirst({
      where: { version, ...NOT_DELETED, model: { teamId, name, ...NOT_DELETED } },
      include: WITH_PARTS,
    });
    return row === null ? undefined : toVersion(row);
  }

  async findLatest({ teamId }: Actor, name: string): Promise<ModelVersion | undefined> {
    const row = await this.database.modelVersion.findFirst({
      where: { ...NOT_DELETED, model: { teamId, name, ...NOT_DELETED } },
      orderBy: { version: 'desc' },
      include: WITH_PARTS,
    });
    return row === null ? undefined : toVersion(row);
  }

  async findLatestOf({ teamId }: Actor, names: readonly string[]): Promise<ModelVersion[]> {
    const latest = await this.database.$queryRaw<{ id: string }[]>`
      SELECT v.id FROM "Model" m JOIN "ModelVersion" v ON v."modelId" = m.id AND v.version = m."latestVersion"
      WHERE m."teamId" = ${teamId}::uuid AND m.name = ANY (${[...names]})`;
    const rows = await this.database.modelVersion.findMany({
      where: { id: { in: latest.map(({ id }) => id) }, ...VERSION_THERE },
      include: WITH_PARTS,
    });
    return rows.map(toVersion);
  }

  async listVersions({ teamId }: Actor, name: string, query: ListVersions): Promise<Page<ModelVersion>> {
    const shown = query.includeDeleted ? {} : NOT_DELETED;
    const there = { teamId_name: { teamId, name }, purgedAt: null, ...shown };
    const model = await this.database.model.findUnique({ where: there, select: { id: true } });
    if (model === null) throw notFound('model', name);
    const { below, ...page } = numberedPage(query);
    const rows = await this.database.modelVersion.findMany({
      where: { modelId: model.id, ...shown, version: { lt: below }, ...withTags(query.tag) },
      orderBy: { version: 'desc' },
      include: WITH_PARTS,
      ...page,
    });
    return pageOfNumbered(rows, query, ({ version }) => version, toVersion);
  }

  updateVersion(
    actor: Actor,
    { name, version }: { readonly name: string; readonly version: number },
    change: (before: ModelVersion, aliases: readonly string[]) => ModelVersion,
  ): Promise<ModelVersion> {
    return inTransaction(this.database, async (tx) => {
      const { id: modelId } = await lockModelThere(tx, actor, name);
      const where = { modelId_version: { modelId, version } };
      const row = await tx.modelVersion.findUnique({ where, include: WITH_PARTS });
      if (row === null) throw notFound('model version', `${name}/${version}`);
      const before = toVersion(row);
      const after = change(before, await aliasesIn(tx, { versionId: row.id }));
      if (after === before) return before;
      const data = changingVersionColumns(after);
      const changed = await tx.modelVersion.update({ where, data, include: WITH_PARTS });
      if (after.deletedAt !== before.deletedAt) await noteLatest(tx, modelId);
      return toVersion(changed);
    });
  }

  publish(draft: VersionDraft): Promise<Published> {
    return inTransaction(this.database, (tx) => publishOfUpload(tx, this.references, draft));
  }

  publishStored(draft: VersionDraft): Promise<Published> {
    return inTransaction(this.database, (tx) => publishOfStored(tx, this.references, draft));
  }

  purge(query: PurgeQuery): Promise<number> {
    return purgeDeleted(this.database, query);
  }

  async findDeployment({ teamId }: Actor, deploymentId: string): Promise<Deployment | undefined> {
    if (!isId(deploymentId)) return undefined;
    const where = { id: deploymentId, teamId, modelVersion: VERSION_THERE };
    const row = await this.database.deployment.findUnique({ where, include: WITH_PLACE });
    return row === null ? undefined : toDeployment(row);
  }

  async listDeployments({ teamId }: Actor, query: ListDeployments): Promise<Page<Deployment>> {
    const { where, ...page } = pageArguments(query);
    const rows = await this.database.deployment.findMany({
      where: { ...where, teamId, deviceId: query.deviceId, modelVersion: VERSION_THERE },
      include: WITH_PLACE,
      ...page,
    });
    return pageOfRows(rows, query, toDeployment);
  }
}

const VERSION_THERE = { ...NOT_DELETED, model: NOT_DELETED };

/** By name. */
async function aliasesIn(
  tx: Transaction,
  where: { readonly modelId: string } | { readonly versionId: string },
): Promise<string[]> {
  const rows = await tx.modelAlias.findMany({ where, select: { alias: true }, orderBy: { alias: 'asc' } });
  return rows.map(({ alias }) => alias);
}

async function modelExists(tx: Transaction, teamId: string, name: string): Promise<AppError> {
  const row = await tx.model.findUnique({ where: { teamId_name: { teamId, name } } });
  const isDeleted = row !== null && row.deletedAt !== null;
  const expected = isDeleted
    ? 'another name, or the deleted model restored'
    : 'a name that no model of the team has';
  const detail = `there is a model "${name}" already${isDeleted ? ', which is deleted and can be restored' : ''}`;
  return new AppError('already_exists', detail, { fields: [{ field: 'name', value: name, expected }] });
}
