import { Webhook, WebhookDelivery } from '#contracts';
import type { StoredWebhook } from '#webhooks';
import { auditColumns, plain } from '../database/rows.js';
import type { WebhookDeliveryModel, WebhookModel } from '../generated/models.js';

export function webhookColumns({ webhook, secret, previousSecret }: StoredWebhook) {
  const { url, events, state, revision } = webhook;
  return {
    ...auditColumns(webhook),
    ...{ url, state, revision, secret },
    events: events === 'all' ? [] : events,
    description: webhook.description ?? null,
    disabledReason: webhook.disabledReason ?? null,
    disabledAt: webhook.disabledAt ?? null,
    previousSecret: previousSecret ?? null,
    previousSecretExpiresAt: webhook.previousSecretExpiresAt ?? null,
  };
}

export function toWebhook({ events, ...row }: WebhookModel): Webhook {
  return Webhook.parse({ ...plain(row), events: events.length === 0 ? 'all' : events });
}

export function toStoredWebhook(row: WebhookModel): StoredWebhook {
  const { secret, previousSecret } = row;
  return { webhook: toWebhook(row), secret, ...(previousSecret === null ? {} : { previousSecret }) };
}

export function toDelivery(row: WebhookDeliveryModel): WebhookDelivery {
  return WebhookDelivery.parse(plain({ ...row }));
}
