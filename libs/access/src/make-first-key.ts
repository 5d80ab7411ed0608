import type { ApiKeyService } from './api-key-service.js';
import type { AuditLog } from './audit-log.js';

/** Who makes keys without having one. */
export const CONSOLE = 'console';
const NAME = 'first-admin';

/**
 * Makes an admin key of a team if there is no key at all; of several processes that start at the same time, one does.
 * @param keep given the secret, this once; where it throws there is no key
 * @returns whether the key was made
 */
export async function makeFirstKey(
  { apiKeys, auditLog }: { apiKeys: ApiKeyService; auditLog: AuditLog },
  teamId: string,
  keep: (secret: string) => void,
): Promise<boolean> {
  const made = await apiKeys.createFirst({ teamId, owner: CONSOLE }, NAME, keep);
  const actor = { kind: 'console' as const, name: CONSOLE };
  if (made)
    await auditLog.record(teamId, { actor, action: 'createFirstKey', method: CONSOLE, resource: NAME });
  return made;
}
