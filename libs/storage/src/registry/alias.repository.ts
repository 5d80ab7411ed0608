import {
  AliasChange,
  AppError,
  ModelAlias,
  notFound,
  type Actor,
  type AliasRole,
  type Page,
  type PageQuery,
  type ProtectedAlias,
} from '#contracts';
import type {
  AliasBundle,
  AliasMove,
  AliasPlace,
  AliasRemoval,
  AliasRepository,
  ProtectedAliasRepository,
} from '#registry';
import { aliasWebhookEvent } from '#webhooks';
import { inTransaction, type Database, type Transaction } from '../database/database.js';
import { pageArguments, pageOfRows } from '../database/paging.js';
import { plain } from '../database/rows.js';
import type { ModelAliasChangeModel, ModelAliasModel } from '../generated/models.js';
import { recordWebhookEvents } from '../webhooks/record-webhook-events.js';
import { lockModelThere } from './lock-model.js';
import { NOT_DELETED } from './model.rows.js';

const WITH_VERSION = {
  model: { select: { name: true } },
  version: { select: { version: true, digest: true } },
};
type AliasRow = ModelAliasModel & {
  model: { name: string };
  version: { version: number; digest: string };
};

/** Aliases of models and their history in PostgreSQL. */
export class PostgresAliasRepository implements AliasRepository {
  constructor(private readonly database: Database) {}

  async find({ teamId }: Actor, { model, alias }: AliasPlace): Promise<ModelAlias | undefined> {
    const where = { alias, model: { teamId, name: model, ...NOT_DELETED } };
    const row = await this.database.modelAlias.findFirst({ where, include: WITH_VERSION });
    return row === null ? undefined : toAlias(row);
  }

  async findBundle({ teamId }: Actor, { model, alias }: AliasPlace): Promise<AliasBundle | undefined> {
    const [row] = await this.database.$queryRaw<{ version: number; digest: string; bytes: bigint }[]>`
      SELECT v.version, v.digest, v.bytes FROM "Model" m
      JOIN "ModelAlias" a ON a."modelId" = m.id AND a.alias = ${alias}
      JOIN "ModelVersion" v ON v.id = a."versionId"
      WHERE m."teamId" = ${teamId}::uuid AND m.name = ${model} AND m."deletedAt" IS NULL`;
    return row && { ...row, bytes: Number(row.bytes) };
  }

  async list({ teamId }: Actor, model: string, query: PageQuery): Promise<Page<ModelAlias>> {
    const { where, ...page } = pageArguments(query);
    const rows = await this.database.modelAlias.findMany({
      where: { ...where, model: { teamId, name: model, ...NOT_DELETED } },
      include: WITH_VERSION,
      ...page,
    });
    return pageOfRows(rows, query, toAlias);
  }

  async listOf({ teamId }: Actor, models: readonly string[]): Promise<ModelAlias[]> {
    const rows = await this.database.modelAlias.findMany({
      where: { model: { teamId, name: { in: [...models] }, ...NOT_DELETED } },
      include: WITH_VERSION,
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    });
    return rows.map(toAlias);
  }

  move(move: AliasMove, check: (current: ModelAlias | undefined) => void) {
    return inTransaction(this.database, async (tx) => {
      const { actor, alias } = move;
      const model = await lockModelThere(tx, actor, move.model);
      const where = { modelId_alias: { modelId: model.id, alias } };
      const row = await tx.modelAlias.findUnique({ where, include: WITH_VERSION });
      const current = row === null ? undefined : toAlias(row);
      check(current);
      const target = await targetOf(tx, model.id, move);
      if (current !== undefined && current.versionId === target.id) return { alias: current, isNew: false };
      const line = { model, move, id: move.ids.change, from: current?.version, to: target };
      const movedAt = await addChange(tx, line);
      const moved = { versionId: target.id, movedAt, movedBy: actor.owner, reason: move.reason ?? null };
      const { teamId, owner } = actor;
      const made = { id: move.ids.alias, teamId, owner, createdAt: movedAt, modelId: model.id, alias };
      const stored = await tx.modelAlias.upsert({
        where,
        create: { ...made, ...moved },
        update: moved,
        include: WITH_VERSION,
      });
      return { alias: toAlias(stored), isNew: current === undefined };
    });
  }

  remove(removal: AliasRemoval, check: (current: ModelAlias) => void): Promise<void> {
    return inTransaction(this.database, async (tx) => {
      const model = await lockModelThere(tx, removal.actor, removal.model);
      const where = { modelId_alias: { modelId: model.id, alias: removal.alias } };
      const row = await tx.modelAlias.findUnique({ where, include: WITH_VERSION });
      if (row === null) throw notFound('alias', removal.alias);
      const current = toAlias(row);
      check(current);
      await addChange(tx, { model, move: removal, id: removal.changeId, from: current.version });
      await tx.modelAlias.delete({ where });
    });
  }

  async changes(actor: Actor, place: AliasPlace, query: PageQuery): Promise<Page<AliasChange>> {
    const { where, ...page } = pageArguments(query);
    const rows = await this.database.modelAliasChange.findMany({
      where: { ...where, ...changesOf(actor, place) },
      include: WITH_MODEL,
      ...page,
    });
    return pageOfRows(rows, query, toChange);
  }

  async changeAt(actor: Actor, place: AliasPlace, at: Date): Promise<AliasChange | undefined> {
    const row = await this.database.modelAliasChange.findFirst({
      where: { ...changesOf(actor, place), createdAt: { lte: at } },
      orderBy: { createdAt: 'desc' },
      include: WITH_MODEL,
    });
    return row === null ? undefined : toChange(row);
  }
}

/** Who may move which aliases, in PostgreSQL. */
export class PostgresProtectedAliasRepository implements ProtectedAliasRepository {
  constructor(private readonly database: Database) {}

  async roleOf({ teamId }: Actor, alias: string): Promise<AliasRole | undefined> {
    const row = await this.database.protectedAlias.findUnique({ where: { teamId_alias: { teamId, alias } } });
    return row?.role;
  }

  async list({ teamId }: Actor): Promise<Pick<ProtectedAlias, 'alias' | 'role'>[]> {
    const rows = await this.database.protectedAlias.findMany({
      where: { teamId },
      orderBy: { alias: 'asc' },
    });
    return rows.map(({ alias, role }) => ({ alias, role }));
  }

  async set({ teamId, owner }: Actor, alias: string, role: AliasRole): Promise<void> {
    const where = { teamId_alias: { teamId, alias } };
    await this.database.protectedAlias.upsert({
      where,
      create: { teamId, owner, alias, role },
      update: { owner, role },
    });
  }

  async clear({ teamId }: Actor, alias: string): Promise<void> {
    await this.database.protectedAlias.deleteMany({ where: { teamId, alias } });
  }
}

interface Line {
  readonly model: { readonly id: string; readonly name: string };
  readonly move: Pick<AliasMove, 'actor' | 'alias' | 'reason' | 'at'>;
  readonly id: string;
  readonly from: number | undefined;
  readonly to?: { readonly id: string; readonly version: number; readonly digest: string };
}

const WITH_MODEL = { model: { select: { name: true } } };

const changesOf = ({ teamId }: Actor, { model, alias }: AliasPlace) => ({
  alias,
  model: { teamId, name: model },
});

/** @throws AppError invalid_request naming the version */
async function targetOf(tx: Transaction, modelId: string, { model, version }: AliasMove) {
  const where = { modelId_version: { modelId, version }, ...NOT_DELETED };
  const found = await tx.modelVersion.findUnique({
    where,
    select: { id: true, version: true, digest: true },
  });
  if (found !== null) return found;
  const expected = `a version of model "${model}" that is not deleted`;
  throw new AppError('invalid_request', `there is no model version "${model}/${version}"`, {
    fields: [{ field: 'version', value: version, expected }],
  });
}

/** A line of the history, and who wants to know told. @returns when the move was: after the one before it, whatever the clock says */
async function addChange(tx: Transaction, { model, move, id, from, to }: Line): Promise<Date> {
  const { actor, alias, reason } = move;
  const last = await tx.modelAliasChange.aggregate({
    where: { modelId: model.id, alias },
    _max: { createdAt: true },
  });
  const at = new Date(Math.max(move.at.getTime(), (last._max.createdAt?.getTime() ?? 0) + 1));
  const { teamId, owner } = actor;
  const row = await tx.modelAliasChange.create({
    data: {
      ...{ id, teamId, owner, createdAt: at, updatedAt: at, modelId: model.id, alias, reason },
      ...{ fromVersion: from, toVersion: to?.version, versionId: to?.id, digest: to?.digest },
    },
    include: WITH_MODEL,
  });
  await recordWebhookEvents(tx, [aliasWebhookEvent(toChange(row))]);
  return at;
}

function toAlias({ model, version, ...row }: AliasRow): ModelAlias {
  return ModelAlias.parse({ ...plain(row), model: model.name, ...version });
}

function toChange({ model, ...row }: ModelAliasChangeModel & { model: { name: string } }): AliasChange {
  return AliasChange.parse({ ...plain(row), model: model.name });
}
