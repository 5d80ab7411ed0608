import {
  AppError,
  newAudit,
  notFound,
  WEBHOOK_TEST_EVENT,
  type Actor,
  type CreateWebhook,
  type ListWebhookDeliveries,
  type NewWebhook,
  type Page,
  type PageQuery,
  type RotateWebhookSecret,
  type UpdateWebhook,
  type Webhook,
  type WebhookDelivery,
  type WebhookTestResult,
} from '#contracts';
import { changedWebhook } from './changed-webhook.js';
import { isSuccess } from './judge-attempt.js';
import { secretOf, signedHeaders } from './sign.js';
import type { UrlPolicy } from './url-policy.port.js';
import { eventBody } from './webhook-event.js';
import type { StoredWebhook, WebhookRepository } from './webhook-repository.port.js';
import type { WebhookSender } from './webhook-sender.port.js';

export interface WebhookServiceParts {
  readonly webhooks: WebhookRepository;
  readonly sender: WebhookSender;
  readonly urls: UrlPolicy;
  readonly now: () => Date;
  readonly newId: () => string;
  /** As many unguessable bytes as asked for. */
  readonly newBytes: (count: number) => Uint8Array;
}

/** Throws where the caller does not mean the webhook as it is now. */
export type WebhookCheck = (webhook: Webhook) => void;

/** Of a signing key; the specification wants 24 to 64. */
const SECRET_BYTES = 32;
const HOUR_MS = 3_600_000;

/** Endpoints of teams that events are posted to, and what became of the deliveries. */
export class WebhookService {
  constructor(private readonly parts: WebhookServiceParts) {}

  /** No other answer but that of a rotation has a secret. @throws AppError invalid_request for a URL that is not allowed */
  async create(actor: Actor, { url, events, description }: CreateWebhook): Promise<NewWebhook> {
    const { webhooks, now, newId } = this.parts;
    this.checkUrl(url);
    const webhook: Webhook = {
      ...newAudit(actor, newId(), now()),
      ...{ url, events, state: 'enabled', revision: 1 },
      ...(description === undefined ? {} : { description }),
    };
    const secret = this.newSecret();
    await webhooks.create({ webhook, secret });
    return { ...webhook, secret };
  }

  list(actor: Actor, query: PageQuery): Promise<Page<Webhook>> {
    return this.parts.webhooks.list(actor, query);
  }

  /** @throws AppError not_found */
  async get(actor: Actor, webhookId: string): Promise<Webhook> {
    return (await this.stored(actor, webhookId)).webhook;
  }

  /** @throws AppError not_found, what `check` throws, or invalid_request for a URL that is not allowed */
  async update(
    actor: Actor,
    webhookId: string,
    request: UpdateWebhook,
    check?: WebhookCheck,
  ): Promise<Webhook> {
    const { webhooks, now } = this.parts;
    if (request.url !== undefined) this.checkUrl(request.url);
    const { webhook } = await webhooks.update(actor, webhookId, (before) => {
      check?.(before.webhook);
      return { ...before, webhook: changedWebhook(before.webhook, request, now()) };
    });
    return webhook;
  }

  /** @throws AppError not_found, or what `check` throws */
  delete(actor: Actor, webhookId: string, check?: WebhookCheck): Promise<void> {
    return this.parts.webhooks.delete(actor, webhookId, check);
  }

  /** The new secret signs from now on, the one before beside it for a while. @throws AppError not_found */
  async rotateSecret(
    actor: Actor,
    webhookId: string,
    { previousValidHours }: RotateWebhookSecret,
  ): Promise<NewWebhook> {
    const secret = this.newSecret();
    const at = this.parts.now();
    const { webhook } = await this.parts.webhooks.update(actor, webhookId, (before) => ({
      webhook: {
        ...before.webhook,
        updatedAt: at.toISOString(),
        previousSecretExpiresAt: new Date(at.getTime() + previousValidHours * HOUR_MS).toISOString(),
        revision: before.webhook.revision + 1,
      },
      secret,
      previousSecret: before.secret,
    }));
    return { ...webhook, secret };
  }

  /** Posts an event of the type `webhook.test` once, now, to a disabled webhook too. @throws AppError not_found */
  async test(actor: Actor, webhookId: string): Promise<WebhookTestResult> {
    const { sender, now, newId } = this.parts;
    const stored = await this.stored(actor, webhookId);
    const at = now();
    const body = eventBody({ type: WEBHOOK_TEST_EVENT, at: at.toISOString(), data: { webhookId } });
    const headers = signedHeaders(stored, { id: newId(), body, at });
    const { answer } = await sender.post({ url: stored.webhook.url, headers, body });
    return { ...answer, succeeded: isSuccess(answer) };
  }

  /** @throws AppError not_found */
  async deliveries(
    actor: Actor,
    webhookId: string,
    query: ListWebhookDeliveries,
  ): Promise<Page<WebhookDelivery>> {
    await this.stored(actor, webhookId);
    return this.parts.webhooks.listDeliveries(actor, webhookId, query);
  }

  /** Has an event delivered once more, under its id. @throws AppError not_found */
  async redeliver(actor: Actor, webhookId: string, deliveryId: string): Promise<WebhookDelivery> {
    const { webhooks, now } = this.parts;
    const delivery = await webhooks.redeliver(actor, webhookId, deliveryId, now());
    if (delivery === undefined) throw notFound('webhook delivery', deliveryId);
    return delivery;
  }

  private async stored(actor: Actor, webhookId: string): Promise<StoredWebhook> {
    const stored = await this.parts.webhooks.find(actor, webhookId);
    if (stored === undefined) throw notFound('webhook', webhookId);
    return stored;
  }

  private newSecret(): string {
    return secretOf(this.parts.newBytes(SECRET_BYTES));
  }

  private checkUrl(url: string): void {
    const expected = this.parts.urls.objectionTo(url);
    if (expected === undefined) return;
    const fields = [{ field: 'url', value: url, expected }];
    throw new AppError('invalid_request', `url is "${url}": expected ${expected}`, { fields });
  }
}
