import { createHmac } from 'node:crypto';
import type { StoredWebhook } from './webhook-repository.port.js';

const SECRET_START = 'whsec_';

/** A secret in the form of Standard Webhooks, of random bytes. */
export function secretOf(bytes: Uint8Array): string {
  return SECRET_START + Buffer.from(bytes).toString('base64');
}

export interface SignedMessage {
  /** `webhook-id`: the same for every attempt of a delivery. */
  readonly id: string;
  readonly body: string;
  /** Of this attempt. */
  readonly at: Date;
}

/**
 * Headers of an attempt (Standard Webhooks 1.0, symmetric signatures): HMAC-SHA256 of `id.timestamp.body`, with the
 * secret before the newest too while that one is valid.
 */
export function signedHeaders(
  stored: StoredWebhook,
  { id, body, at }: SignedMessage,
): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signatures = validSecrets(stored, at).map((secret) =>
    signature(secret, `${id}.${timestamp}.${body}`),
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}

function validSecrets({ webhook, secret, previousSecret }: StoredWebhook, at: Date): string[] {
  const { previousSecretExpiresAt } = webhook;
  if (previousSecret === undefined || previousSecretExpiresAt === undefined) return [secret];
  return Date.parse(previousSecretExpiresAt) > at.getTime() ? [secret, previousSecret] : [secret];
}

function signature(secret: string, content: string): string {
  const key = Buffer.from(secret.slice(SECRET_START.length), 'base64');
  return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
}
