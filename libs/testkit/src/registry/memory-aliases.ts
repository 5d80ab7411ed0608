import {
  AppError,
  newAudit,
  notFound,
  type Actor,
  type AliasChange,
  type ModelAlias,
  type Page,
  type PageQuery,
} from '#contracts';
import type { AliasBundle, AliasMove, AliasPlace, AliasRemoval, AliasRepository } from '#registry';
import { MemoryRows } from '../jobs/memory-rows.js';
import type { MemoryModels } from './memory-models.js';

type AliasRow = ModelAlias & { id: string; teamId: string; createdAt: string };

/** Aliases of the models of a MemoryModels. */
export class MemoryAliases implements AliasRepository {
  private readonly rows = new MemoryRows<AliasRow>();
  private readonly lines = new MemoryRows<AliasChange>();

  constructor(private readonly models: MemoryModels) {
    models.namesOf = (versionId) => {
      const pointing = this.rows.all().filter((row) => row.versionId === versionId);
      return pointing.map(({ alias }) => alias).sort();
    };
  }

  find(actor: Actor, place: AliasPlace): Promise<ModelAlias | undefined> {
    const row = this.row(actor, place);
    return Promise.resolve(row && aliasOf(row));
  }

  async findBundle(actor: Actor, place: AliasPlace): Promise<AliasBundle | undefined> {
    const row = this.row(actor, place);
    const version = row && (await this.models.findVersion(actor, place.model, row.version));
    return (
      version && { version: version.version, digest: version.bundle.digest, bytes: version.bundle.bytes }
    );
  }

  list(actor: Actor, model: string, query: PageQuery): Promise<Page<ModelAlias>> {
    const { items, ...page } = this.rows.page(actor, query, (row) => row.model === model);
    return Promise.resolve({ items: items.map(aliasOf), ...page });
  }

  listOf(actor: Actor, models: readonly string[]): Promise<ModelAlias[]> {
    const { items } = this.rows.page(actor, { limit: Infinity }, (row) => models.includes(row.model));
    return Promise.resolve(items.map(aliasOf));
  }

  async move(move: AliasMove, check: (current: ModelAlias | undefined) => void) {
    const { actor, model, alias, version, reason, ids } = move;
    if (this.models.modelThere(actor, model) === undefined) throw notFound('model', model);
    const row = this.row(actor, move);
    const current = row && aliasOf(row);
    check(current);
    const target = this.models.versionThere(actor, model, version);
    if (target === undefined)
      throw new AppError('invalid_request', `there is no model version "${model}/${version}"`, {
        fields: [{ field: 'version', value: version, expected: 'a version of the model' }],
      });
    if (current !== undefined && current.versionId === target.id)
      return Promise.resolve({ alias: current, isNew: false });
    const to = { version, versionId: target.id, digest: target.bundle.digest };
    const line = this.addLine(move, ids.change, row?.version, to);
    const moved = { movedAt: line.createdAt, movedBy: actor.owner, ...(reason !== undefined && { reason }) };
    const stored = { model, alias, ...to, ...moved };
    const { id = ids.alias, createdAt = line.createdAt } = row ?? {};
    this.rows.put({ ...stored, id, teamId: actor.teamId, createdAt });
    return Promise.resolve({ alias: stored, isNew: row === undefined });
  }

  async remove(removal: AliasRemoval, check: (current: ModelAlias) => void): Promise<void> {
    const { actor, model, alias } = removal;
    if (this.models.modelThere(actor, model) === undefined) throw notFound('model', model);
    const row = this.row(actor, removal);
    if (row === undefined) throw notFound('alias', alias);
    check(aliasOf(row));
    this.addLine(removal, removal.changeId, row.version);
    this.rows.remove(row.id);
    return Promise.resolve();
  }

  changes(actor: Actor, place: AliasPlace, query: PageQuery): Promise<Page<AliasChange>> {
    return Promise.resolve(this.lines.page(actor, query, isOf(place)));
  }

  changeAt(actor: Actor, place: AliasPlace, at: Date): Promise<AliasChange | undefined> {
    return Promise.resolve(this.linesOf(actor, place).find(({ createdAt }) => new Date(createdAt) <= at));
  }

  private addLine(
    place: AliasPlace & Pick<AliasMove, 'actor' | 'at' | 'reason'>,
    id: string,
    fromVersion: number | undefined,
    to?: Pick<ModelAlias, 'version' | 'versionId' | 'digest'>,
  ): AliasChange {
    const { actor, model, alias, reason } = place;
    const last = this.linesOf(actor, place)[0]?.createdAt;
    const at = new Date(Math.max(place.at.getTime(), last === undefined ? 0 : Date.parse(last) + 1));
    const line: AliasChange = {
      ...{ ...newAudit(actor, id, at), model, alias },
      ...(fromVersion !== undefined && { fromVersion }),
      ...(to && { toVersion: to.version, versionId: to.versionId, digest: to.digest }),
      ...(reason !== undefined && { reason }),
    };
    this.lines.put(line);
    return line;
  }

  /** Newest first. */
  private linesOf(actor: Actor, place: AliasPlace): AliasChange[] {
    return this.lines.page(actor, { limit: Infinity }, isOf(place)).items;
  }

  private row({ teamId }: Actor, place: AliasPlace): AliasRow | undefined {
    return this.rows.all().find((row) => row.teamId === teamId && isOf(place)(row));
  }
}

const isOf =
  ({ model, alias }: AliasPlace) =>
  (row: AliasPlace): boolean =>
    row.model === model && row.alias === alias;

function aliasOf({ id: _id, teamId: _team, createdAt: _made, ...alias }: AliasRow): ModelAlias {
  return alias;
}
