import { Repeater } from '#jobs';
import type { Logger } from '#runtime';
import type { WebhookDeliverer, WebhookWakeups } from '#webhooks';

/** Retries come due without a wake-up, and wake-ups may get lost. */
const POLL_MS = 1_000;
const FORGET_EVERY_MS = 60 * 60 * 1000;

/** Delivers what is due until it is stopped; any number of API processes may do it at once. */
export function startDeliveries(
  deliverer: WebhookDeliverer,
  wakeups: WebhookWakeups,
  logger: Logger,
): { stop(): Promise<void> } {
  const onError = (error: unknown) => logger.error({ err: error }, 'webhooks could not be delivered');
  const repeater: Repeater = new Repeater(async () => void (await deliverer.begin(() => repeater.kick())), {
    intervalMs: POLL_MS,
    onError,
  });
  const forgetting = new Repeater(() => deliverer.forget(), { intervalMs: FORGET_EVERY_MS, onError });
  const unsubscribe = wakeups.onWebhookDeliveries(() => repeater.kick());
  repeater.start();
  forgetting.start();
  return {
    stop: async () => {
      unsubscribe();
      await repeater.stop();
      await forgetting.stop();
      await deliverer.stop();
    },
  };
}
