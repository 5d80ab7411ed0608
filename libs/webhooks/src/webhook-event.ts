import type { WebhookEventType } from '#contracts';

/** Something that happened to a resource of a team, for all of its webhooks that want to know. */
export interface WebhookEvent {
  readonly teamId: string;
  /** Names the event: a webhook gets one delivery of it, however often it is recorded. */
  readonly key: string;
  readonly type: WebhookEventType;
  /** When it happened, as an ISO time. */
  readonly at: string;
  /** Ids and a summary; who wants more reads the resource. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** The body of a delivery, in the form of Standard Webhooks: type, timestamp, data. */
export function eventBody({
  type,
  at,
  data,
}: Pick<WebhookEvent, 'at' | 'data'> & { readonly type: string }): string {
  return JSON.stringify({ type, timestamp: at, data });
}
