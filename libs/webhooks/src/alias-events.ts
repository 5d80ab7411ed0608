import type { AliasChange } from '#contracts';
import type { WebhookEvent } from './webhook-event.js';

/** What webhooks are told when an alias was pointed to another version, or removed. */
export function aliasWebhookEvent(change: AliasChange): WebhookEvent {
  const { id, teamId, createdAt, owner, model, alias, toVersion, fromVersion, versionId, digest, reason } =
    change;
  const data = {
    ...{ model, alias, version: toVersion, previousVersion: fromVersion, versionId, digest },
    ...{ movedBy: owner, reason },
  };
  return { teamId, key: `alias/${id}`, type: 'model.alias.moved', at: createdAt, data };
}
