import { AppError, type Actor, type AliasRole, type Caller, type ProtectedAlias } from '#contracts';
import type { ProtectedAliasRepository } from './alias-repository.port.js';

/** Until a team says otherwise; all other aliases are moved by members. */
const DEFAULTS: ReadonlyMap<string, AliasRole> = new Map([['production', 'admin']]);

/** Which role moves which alias, in all models of a team. */
export class ProtectedAliases {
  constructor(private readonly rows: ProtectedAliasRepository) {}

  /** By name: what the team has set, and what holds without that. */
  async list(actor: Actor): Promise<ProtectedAlias[]> {
    const set = (await this.rows.list(actor)).map((row) => ({ ...row, isDefault: false }));
    const names = new Set(set.map(({ alias }) => alias));
    const defaults = [...DEFAULTS]
      .filter(([alias]) => !names.has(alias))
      .map(([alias, role]) => ({ alias, role, isDefault: true }));
    return [...set, ...defaults].sort((a, b) => (a.alias < b.alias ? -1 : 1));
  }

  async set(actor: Actor, alias: string, role: AliasRole): Promise<ProtectedAlias> {
    await this.rows.set(actor, alias, role);
    return { alias, role, isDefault: false };
  }

  /** Goes back to what holds where a team has said nothing. */
  async clear(actor: Actor, alias: string): Promise<void> {
    await this.rows.clear(actor, alias);
  }

  /** @throws AppError forbidden saying who may move the alias */
  async require(caller: Caller, alias: string): Promise<void> {
    const role = (await this.rows.roleOf(caller, alias)) ?? DEFAULTS.get(alias) ?? 'member';
    if (role === 'member' || caller.role === 'admin') return;
    throw new AppError(
      'forbidden',
      `the API key "${caller.owner}" has the role ${caller.role}; only the role ${role} may move alias "${alias}"`,
    );
  }
}
