import {
  AliasName,
  AppError,
  LATEST,
  notFound,
  type Actor,
  type AliasChange,
  type Caller,
  type ModelAlias,
  type MoveAlias,
  type Page,
  type PageQuery,
} from '#contracts';
import type { ModelRepository } from '../model-repository.port.js';
import type { AliasBundle, AliasPlace, AliasRepository } from './alias-repository.port.js';
import type { ProtectedAliases } from './protected-aliases.js';

export interface AliasServiceParts {
  readonly aliases: AliasRepository;
  readonly models: Pick<ModelRepository, 'findLatest' | 'findModel'>;
  readonly protection: ProtectedAliases;
  readonly now: () => Date;
  readonly newId: () => string;
}

/** What must be so for an alias to be moved. */
export interface MoveConditions {
  /** Throws AppError precondition_failed for an alias that is not as the client saw it. */
  readonly matches?: ((current: ModelAlias) => void) | undefined;
  /** There is no such alias yet. */
  readonly isNew?: boolean;
}

/** Names that point to versions of models: moved in one step, with a history of who moved them, when and why. */
export class AliasService {
  constructor(private readonly parts: AliasServiceParts) {}

  /** `latest` is there wherever the model has a version. @throws AppError not_found */
  async get(actor: Actor, place: AliasPlace): Promise<ModelAlias> {
    const found =
      place.alias === LATEST
        ? await this.latest(actor, place.model)
        : await this.parts.aliases.find(actor, place);
    return found ?? missing(place);
  }

  /**
   * What an alias pointed to at a time, also one that is gone now.
   * @throws AppError not_found where it was not there then, invalid_request for `latest`, which has no history
   */
  async asOf(actor: Actor, place: AliasPlace, at: Date): Promise<ModelAlias> {
    if (place.alias === LATEST) throw latestAt(at);
    const change = await this.parts.aliases.changeAt(actor, place, at);
    const { toVersion: version, versionId, digest } = change ?? {};
    if (change === undefined || version === undefined || versionId === undefined || digest === undefined)
      return missing(place, ` at ${at.toISOString()}`);
    const { createdAt: movedAt, owner: movedBy, reason } = change;
    return {
      ...place,
      version,
      versionId,
      digest,
      movedAt,
      movedBy,
      ...(reason !== undefined && { reason }),
    };
  }

  /** @throws AppError not_found */
  async bundle(actor: Actor, place: AliasPlace): Promise<AliasBundle> {
    if (place.alias !== LATEST) return (await this.parts.aliases.findBundle(actor, place)) ?? missing(place);
    const latest = await this.parts.models.findLatest(actor, place.model);
    if (latest === undefined) return missing(place);
    const { version, bundle } = latest;
    return { version, digest: bundle.digest, bytes: bundle.bytes };
  }

  /** Without `latest`, which is always there. @throws AppError not_found where there is no such model */
  async list(actor: Actor, model: string, query: PageQuery): Promise<Page<ModelAlias>> {
    if ((await this.parts.models.findModel(actor, model)) === undefined) throw notFound('model', model);
    return this.parts.aliases.list(actor, model, query);
  }

  /** All of several models, without `latest`; of a model that is not there, none. */
  listOf(actor: Actor, models: readonly string[]): Promise<ModelAlias[]> {
    return this.parts.aliases.listOf(actor, models);
  }

  /** Newest first; empty for what never was. */
  history(actor: Actor, place: AliasPlace, query: PageQuery): Promise<Page<AliasChange>> {
    return this.parts.aliases.changes(actor, place, query);
  }

  /**
   * Points an alias to a version; it is made if need be.
   * @throws AppError invalid_request for a name that cannot be an alias or a version that the model has not, not_found,
   * forbidden where another role moves it, precondition_failed
   */
  async move(caller: Caller, place: AliasPlace, { version, reason }: MoveAlias, conditions: MoveConditions) {
    requireAliasName(place.alias);
    await this.parts.protection.require(caller, place.alias);
    const { now, newId } = this.parts;
    const ids = { alias: newId(), change: newId() };
    const move = { ...place, actor: caller, version, reason, at: now(), ids };
    return this.parts.aliases.move(move, (current) => checkConditions(place, current, conditions));
  }

  /** @throws AppError as `move` does */
  async remove(
    caller: Caller,
    place: AliasPlace,
    { reason, matches }: { reason?: string | undefined; matches?: MoveConditions['matches'] },
  ): Promise<void> {
    requireAliasName(place.alias);
    await this.parts.protection.require(caller, place.alias);
    const { now, newId } = this.parts;
    const removal = { ...place, actor: caller, reason, at: now(), changeId: newId() };
    await this.parts.aliases.remove(removal, (current) => matches?.(current));
  }

  private async latest(actor: Actor, model: string): Promise<ModelAlias | undefined> {
    const found = await this.parts.models.findLatest(actor, model);
    if (found === undefined) return undefined;
    const { version, id: versionId, bundle, createdAt: movedAt, owner: movedBy } = found;
    return { model, alias: LATEST, version, versionId, digest: bundle.digest, movedAt, movedBy };
  }
}

function missing({ model, alias }: AliasPlace, when = ''): never {
  throw new AppError('not_found', `model "${model}" has no alias "${alias}"${when}`);
}

function latestAt(at: Date): AppError {
  const expected = `no time for "${LATEST}", which moves by itself: versions say when they were made`;
  return new AppError('invalid_request', `at is "${at.toISOString()}": expected ${expected}`, {
    fields: [{ field: 'at', value: at.toISOString(), expected }],
  });
}

/** @throws AppError invalid_request */
export function requireAliasName(alias: string): void {
  const parsed = AliasName.safeParse(alias);
  if (parsed.success) return;
  const expected = parsed.error.issues[0]!.message.replace(/^expected /, '');
  throw new AppError('invalid_request', `alias is "${alias}": expected ${expected}`, {
    fields: [{ field: 'alias', value: alias, expected }],
  });
}

function checkConditions(
  { alias }: AliasPlace,
  current: ModelAlias | undefined,
  { matches, isNew = false }: MoveConditions,
): void {
  if (current === undefined) {
    if (matches === undefined) return;
    throw new AppError('precondition_failed', `there is no alias "${alias}" that If-Match could name`, {
      fields: [{ field: 'If-Match', expected: 'no If-Match for an alias that is not there' }],
    });
  }
  matches?.(current);
  if (!isNew) return;
  throw new AppError('precondition_failed', `alias "${alias}" points to version ${current.version}`, {
    fields: [{ field: 'If-None-Match', value: '*', expected: 'an alias that is not there yet' }],
  });
}
