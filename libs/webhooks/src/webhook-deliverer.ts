import type { ClaimedDelivery, DeliveryQueue } from './delivery-queue.port.js';
import { judgeAttempt } from './judge-attempt.js';
import { signedHeaders } from './sign.js';
import type { WebhookSender } from './webhook-sender.port.js';

export interface WebhookDelivererParts {
  readonly queue: DeliveryQueue;
  readonly sender: WebhookSender;
  readonly now: () => Date;
  /** 0 to 1. */
  readonly random: () => number;
  readonly onError: (error: unknown) => void;
}

/** Attempts of a process that are under way at once. */
const CONCURRENCY = 64;
/** So many attempts go to one webhook, over all processes: a slow receiver leaves room for the others. */
const CONCURRENCY_PER_WEBHOOK = 4;
/** Others take a delivery whose claimer has said nothing for so long; longer than any attempt takes. */
const LEASE_MS = 60_000;
/** For so long, one may see how a delivery ended, and ask for it again. */
const REMEMBERED_MS = 30 * 24 * 60 * 60 * 1000;

/**
 * Attempts deliveries that are due; any number of processes may do so at once. Each is delivered at least once: a process
 * that dies between the receiver's answer and its own note has another one send it again, under the same id.
 */
export class WebhookDeliverer {
  private readonly underWay = new Set<Promise<void>>();
  private readonly stopping = new AbortController();

  constructor(private readonly parts: WebhookDelivererParts) {}

  /**
   * Begins to attempt as much of what is due as there is room for, and does not wait for it.
   * @param onEnded called whenever an attempt has ended and made room
   * @returns how many attempts were begun
   */
  async begin(onEnded: () => void = () => {}): Promise<number> {
    const { queue, now } = this.parts;
    const limit = CONCURRENCY - this.underWay.size;
    if (limit <= 0 || this.stopping.signal.aborted) return 0;
    const at = now();
    const leaseExpiresAt = new Date(at.getTime() + LEASE_MS);
    const claimed = await queue.claim({
      now: at,
      leaseExpiresAt,
      limit,
      limitPerWebhook: CONCURRENCY_PER_WEBHOOK,
    });
    for (const delivery of claimed) this.track(delivery, onEnded);
    return claimed.length;
  }

  /** Removes deliveries that ended long ago. */
  forget(): Promise<void> {
    const { queue, now } = this.parts;
    return queue.forget(new Date(now().getTime() - REMEMBERED_MS));
  }

  /** Breaks off attempts that have not ended after `graceMs`; they are left to whoever delivers next. */
  async stop(graceMs = 3_000): Promise<void> {
    const timer = setTimeout(() => this.stopping.abort(), graceMs);
    await Promise.all(this.underWay);
    clearTimeout(timer);
    this.stopping.abort();
  }

  private track(delivery: ClaimedDelivery, onEnded: () => void): void {
    const attempt = this.attempt(delivery)
      .catch(this.parts.onError)
      .then(() => {
        this.underWay.delete(attempt);
        onEnded();
      });
    this.underWay.add(attempt);
  }

  private async attempt(delivery: ClaimedDelivery): Promise<void> {
    const { queue, sender, now, random } = this.parts;
    const { id, body, attempts } = delivery;
    const { url } = delivery.webhook;
    const at = now();
    const headers = signedHeaders(delivery, { id, body, at });
    const response = await sender.post({ url, headers, body }, this.stopping.signal);
    if (response.answer.status === undefined && this.stopping.signal.aborted) return queue.release(delivery);
    const verdict = judgeAttempt({ response, attempts, now: now(), random: random() });
    await queue.settle(delivery, { at, answer: response.answer, verdict });
  }
}
