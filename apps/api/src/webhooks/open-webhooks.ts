import { randomBytes, randomUUID } from 'node:crypto';
import type { Logger } from '#runtime';
import type { Storage } from '#storage';
import { WebhookDeliverer, WebhookService } from '#webhooks';
import { AddressPolicy } from './address-policy.js';
import { HttpWebhookSender } from './http-webhook-sender.js';

export interface WebhookOptions {
  readonly allowPrivateAddresses: boolean;
  readonly logger: Logger;
  readonly now?: () => Date;
  /** How long an attempt may take. */
  readonly timeoutMs?: number;
}

export interface Webhooks {
  readonly service: WebhookService;
  readonly deliverer: WebhookDeliverer;
}

/** Webhooks over what is stored and real HTTP. */
export function openWebhooks(
  { webhooks, webhookDeliveries }: Pick<Storage, 'webhooks' | 'webhookDeliveries'>,
  { allowPrivateAddresses, logger, now = () => new Date(), timeoutMs }: WebhookOptions,
): Webhooks {
  const urls = new AddressPolicy(allowPrivateAddresses);
  const sender = new HttpWebhookSender(urls, timeoutMs);
  return {
    service: new WebhookService({ webhooks, sender, urls, now, newId: randomUUID, newBytes: randomBytes }),
    deliverer: new WebhookDeliverer({
      ...{ queue: webhookDeliveries, sender, now, random: Math.random },
      onError: (error) => logger.error({ err: error }, 'an attempt to deliver a webhook could not be noted'),
    }),
  };
}
