import type { WebhookAnswer } from '#contracts';
import type { Verdict } from './judge-attempt.js';
import type { StoredWebhook } from './webhook-repository.port.js';

export interface ClaimOptions {
  readonly now: Date;
  /** When others may take what this claim got, unless it was settled. */
  readonly leaseExpiresAt: Date;
  readonly limit: number;
  /** Deliveries of one webhook that are under way at once, over all processes. */
  readonly limitPerWebhook: number;
}

/** A delivery that its claimer alone attempts, until the lease expires. */
export interface ClaimedDelivery extends StoredWebhook {
  readonly id: string;
  readonly body: string;
  /** That have ended before. */
  readonly attempts: number;
  readonly leaseToken: string;
}

export interface EndedAttempt {
  readonly at: Date;
  readonly answer: WebhookAnswer;
  readonly verdict: Verdict;
}

/** Deliveries that are due, shared by the processes that deliver. */
export interface DeliveryQueue {
  /** Due deliveries of enabled webhooks that nobody holds, those that waited longest first. */
  claim(options: ClaimOptions): Promise<ClaimedDelivery[]>;
  /**
   * Notes an attempt and its verdict, and lets go of the delivery. Where the verdict is that the webhook is failing, it is
   * disabled if nothing was delivered to it since this delivery's first attempt.
   * @returns false, with nothing written, when another has taken the delivery, or it is gone
   */
  settle(claimed: ClaimedDelivery, attempt: EndedAttempt): Promise<boolean>;
  /** Lets go of a delivery as if it had not been claimed. */
  release(claimed: ClaimedDelivery): Promise<void>;
  /** Removes deliveries that ended before a time. */
  forget(endedBefore: Date): Promise<void>;
}
