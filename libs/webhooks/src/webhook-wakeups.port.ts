/** Tells, without a promise to be complete, that something was written; whoever listens looks for itself now and then. */
export interface WebhookWakeups {
  /** Calls `listener` after deliveries became due. Returns what ends the subscription. */
  onWebhookDeliveries(listener: () => void): () => void;
}
