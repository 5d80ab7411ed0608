import type { WebhookAnswer } from '#contracts';
import { retryDelayMs } from './retry-schedule.js';
import type { WebhookResponse } from './webhook-sender.port.js';

/** What becomes of a delivery after an attempt. */
export type Verdict =
  | { readonly state: 'succeeded' }
  | { readonly state: 'pending'; readonly nextAttemptAt: Date }
  | { readonly state: 'failed'; readonly webhook: 'gone' | 'failing' };

export interface Judged {
  readonly response: WebhookResponse;
  /** That ended before this one. */
  readonly attempts: number;
  readonly now: Date;
  /** 0 to 1, for the jitter. */
  readonly random: number;
}

const GONE = 410;
const LONGEST_RETRY_AFTER_MS = 24 * 3_600_000;

/** Pure. 2xx is success, 410 the end of the webhook, everything else is tried again as long as the schedule goes. */
export function judgeAttempt({ response, attempts, now, random }: Judged): Verdict {
  if (isSuccess(response.answer)) return { state: 'succeeded' };
  if (response.answer.status === GONE) return { state: 'failed', webhook: 'gone' };
  const delayMs = retryDelayMs(attempts, random);
  if (delayMs === undefined) return { state: 'failed', webhook: 'failing' };
  const asked = Math.min(response.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS);
  return { state: 'pending', nextAttemptAt: new Date(now.getTime() + Math.max(delayMs, asked)) };
}

export function isSuccess({ status }: WebhookAnswer): boolean {
  return status !== undefined && status >= 200 && status < 300;
}
