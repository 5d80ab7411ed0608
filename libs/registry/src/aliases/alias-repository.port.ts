import type { Actor, AliasChange, AliasRole, ModelAlias, Page, PageQuery, ProtectedAlias } from '#contracts';

export interface AliasPlace {
  readonly model: string;
  readonly alias: string;
}

export interface AliasMove extends AliasPlace {
  readonly actor: Actor;
  readonly version: number;
  readonly reason?: string | undefined;
  readonly at: Date;
  /** Of the alias, if it is new, and of the line of its history. */
  readonly ids: { readonly alias: string; readonly change: string };
}

export interface AliasRemoval extends AliasPlace {
  readonly actor: Actor;
  readonly reason?: string | undefined;
  readonly at: Date;
  readonly changeId: string;
}

/** The file that an alias points to. */
export interface AliasBundle {
  readonly version: number;
  readonly digest: string;
  readonly bytes: number;
}

/**
 * Aliases of models, and their history. Every move is stored together with its line of the history, which outlives alias
 * and version; the lines of an alias are later with every move, whatever the clocks of the processes say.
 */
export interface AliasRepository {
  find(actor: Actor, place: AliasPlace): Promise<ModelAlias | undefined>;
  /** In one read, for downloads. */
  findBundle(actor: Actor, place: AliasPlace): Promise<AliasBundle | undefined>;
  /** The one that was made last first. */
  list(actor: Actor, model: string, query: PageQuery): Promise<Page<ModelAlias>>;
  /** All of several models, the one that was made last first; of a model that is not there, none. */
  listOf(actor: Actor, models: readonly string[]): Promise<ModelAlias[]>;

  /**
   * Points an alias, which is made if need be, to a version. One that points there already stays as it is, without a line.
   * @param check sees what the alias points to; what it throws is thrown on, and nothing is stored
   * @throws AppError not_found where there is no such model, invalid_request (naming version) where it has no such version
   */
  move(
    move: AliasMove,
    check: (current: ModelAlias | undefined) => void,
  ): Promise<{ readonly alias: ModelAlias; readonly isNew: boolean }>;

  /** @throws AppError not_found */
  remove(removal: AliasRemoval, check: (current: ModelAlias) => void): Promise<void>;

  /** Newest first; also of what is gone. */
  changes(actor: Actor, place: AliasPlace, query: PageQuery): Promise<Page<AliasChange>>;
  /** The last one at that time or before. */
  changeAt(actor: Actor, place: AliasPlace, at: Date): Promise<AliasChange | undefined>;
}

/** Who may move which aliases, where a team has said so. */
export interface ProtectedAliasRepository {
  roleOf(actor: Actor, alias: string): Promise<AliasRole | undefined>;
  /** By name. */
  list(actor: Actor): Promise<Pick<ProtectedAlias, 'alias' | 'role'>[]>;
  set(actor: Actor, alias: string, role: AliasRole): Promise<void>;
  /** What is not set is cleared already. */
  clear(actor: Actor, alias: string): Promise<void>;
}
