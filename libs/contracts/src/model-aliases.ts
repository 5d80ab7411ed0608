import { z } from 'zod';
import { Audit, Id, Name, Sha256, Timestamp } from './common.js';

/** Always means the newest version that is not deleted. */
export const LATEST = 'latest';

/** A name for a version that may be moved to another one; numbers are versions, and `latest` moves by itself. */
export const AliasName = Name.refine((name) => !/^\d+$/.test(name) && name !== LATEST, {
  message: `expected a name that is no number and not "${LATEST}"`,
});

const Reason = z.string().min(1).max(500).describe('why; people read it in the history');

/** What an alias points to. */
export const ModelAlias = z.object({
  model: Name,
  alias: Name,
  version: z.number().int(),
  versionId: Id,
  digest: Sha256.describe('of the bundle'),
  movedAt: Timestamp,
  movedBy: z.string(),
  reason: z.string().optional(),
});
export type ModelAlias = z.infer<typeof ModelAlias>;

/** One move of an alias: \`createdAt\` is when, and \`owner\` by whom. Written once, never changed. */
export const AliasChange = Audit.extend({
  model: Name,
  alias: Name,
  fromVersion: z.number().int().optional().describe('absent where there was no such alias before'),
  toVersion: z.number().int().optional().describe('absent where the alias was removed'),
  versionId: Id.optional().describe('of what it pointed to from then on'),
  digest: Sha256.optional().describe('of its bundle'),
  reason: z.string().optional(),
});
export type AliasChange = z.infer<typeof AliasChange>;

export const MoveAlias = z.strictObject({
  version: z.number().int().min(1),
  reason: Reason.optional(),
});
export type MoveAlias = z.infer<typeof MoveAlias>;

/** Query of GET /v1/models/{name}/aliases/{alias}. */
export const AliasAt = z.strictObject({
  at: z.iso
    .datetime({
      offset: true,
      error: 'expected a time with its zone, like 2031-05-03T12:00:00Z or 2031-05-03T12:00:00+02:00',
    })
    .optional()
    .describe('tells what it pointed to then, also where there is no such alias now'),
});
export type AliasAt = z.infer<typeof AliasAt>;

/** Query of DELETE /v1/models/{name}/aliases/{alias}. */
export const RemoveAlias = z.strictObject({ reason: Reason.optional() });
export type RemoveAlias = z.infer<typeof RemoveAlias>;

export const AliasRole = z.enum(['admin', 'member']).describe('the least role that may move the alias');
export type AliasRole = z.infer<typeof AliasRole>;

export const ProtectAlias = z.strictObject({ role: AliasRole });
export type ProtectAlias = z.infer<typeof ProtectAlias>;

/** Who may move aliases of this name, in all models of the team. */
export const ProtectedAlias = z.object({
  alias: Name,
  role: AliasRole,
  isDefault: z.boolean().describe('nobody has set it'),
});
export type ProtectedAlias = z.infer<typeof ProtectedAlias>;

export const ProtectedAliases = z.object({ items: z.array(ProtectedAlias) });
export type ProtectedAliases = z.infer<typeof ProtectedAliases>;
