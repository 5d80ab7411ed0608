import type { WebhookAnswer } from '#contracts';

export interface WebhookRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What came of one request. */
export interface WebhookResponse {
  readonly answer: WebhookAnswer;
  /** How long the receiver asks to be left alone (Retry-After). */
  readonly retryAfterMs?: number;
}

/** Posts to the receivers of webhooks. */
export interface WebhookSender {
  /** Never rejects: what went wrong is in the answer. Follows no redirect. Ends early when `signal` aborts. */
  post(request: WebhookRequest, signal?: AbortSignal): Promise<WebhookResponse>;
}
