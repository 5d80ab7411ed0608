import { eventBody, type WebhookEvent } from '#webhooks';
import type { Transaction } from '../database/database.js';
import { notify } from '../database/notify.js';

/**
 * Writes a delivery for every enabled webhook of the team that wants the event: with the change that `tx` makes, or not at
 * all. An event that was recorded before is not recorded again.
 */
export async function recordWebhookEvents(tx: Transaction, events: readonly WebhookEvent[]): Promise<void> {
  let recorded = 0;
  for (const event of events) recorded += await record(tx, event);
  if (recorded > 0) await notify(tx, 'webhookDeliveries', '');
}

/** Locks the webhooks, for a delivery to one that is deleted meanwhile would have the whole change refused. */
function record(tx: Transaction, event: WebhookEvent): Promise<number> {
  const { teamId, key, type, at } = event;
  return tx.$executeRaw`
    INSERT INTO "WebhookDelivery"
      (id, "teamId", owner, "createdAt", "updatedAt", "webhookId", key, type, body, state, "nextAttemptAt")
    SELECT gen_random_uuid(), w."teamId", w.owner, ${at}::timestamptz, ${at}::timestamptz, w.id, ${key}::text,
      ${type}::text, ${eventBody(event)}::text, 'pending', ${at}::timestamptz
    FROM "Webhook" w
    WHERE w."teamId" = ${teamId}::uuid AND w.state = 'enabled'
      AND (cardinality(w.events) = 0 OR ${type}::text = ANY (w.events))
    FOR KEY SHARE OF w
    ON CONFLICT DO NOTHING`;
}
