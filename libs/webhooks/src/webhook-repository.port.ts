import type { Actor, ListWebhookDeliveries, Page, PageQuery, Webhook, WebhookDelivery } from '#contracts';

/** A webhook with what signs its deliveries. */
export interface StoredWebhook {
  readonly webhook: Webhook;
  readonly secret: string;
  /** Signs too until `previousSecretExpiresAt`. */
  readonly previousSecret?: string;
}

/** Webhooks and what was or is to be delivered to them. */
export interface WebhookRepository {
  create(stored: StoredWebhook): Promise<void>;
  find(actor: Actor, webhookId: string): Promise<StoredWebhook | undefined>;
  /** Newest first. */
  list(actor: Actor, query: PageQuery): Promise<Page<Webhook>>;
  /**
   * Stores what `change` makes of the webhook; concurrent calls are applied one after the other, and when `change`
   * throws nothing is written. Of a webhook that was disabled and is enabled, all pending deliveries are due at once and
   * have all of their attempts again.
   * @throws AppError not_found
   */
  update(
    actor: Actor,
    webhookId: string,
    change: (before: StoredWebhook) => StoredWebhook,
  ): Promise<StoredWebhook>;
  /**
   * Removes the webhook with its deliveries, unless `check` throws.
   * @throws AppError not_found
   */
  delete(actor: Actor, webhookId: string, check?: (webhook: Webhook) => void): Promise<void>;
  /** Newest first; none of an unknown webhook. */
  listDeliveries(
    actor: Actor,
    webhookId: string,
    query: ListWebhookDeliveries,
  ): Promise<Page<WebhookDelivery>>;
  /**
   * Makes a delivery due now, with all of its attempts before it, whatever came of it so far. An attempt that is under
   * way does not count any more.
   * @returns nothing when the webhook has no such delivery
   */
  redeliver(
    actor: Actor,
    webhookId: string,
    deliveryId: string,
    now: Date,
  ): Promise<WebhookDelivery | undefined>;
}
