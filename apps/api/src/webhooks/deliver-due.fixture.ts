import type { WebhookDeliverer } from '#webhooks';

/** Attempts everything that is due now, and resolves when that has ended. */
export async function deliverDue(deliverer: WebhookDeliverer): Promise<void> {
  let underWay = 0;
  let ended = () => {};
  const onEnded = () => {
    underWay--;
    ended();
  };
  for (;;) {
    const next = new Promise<void>((resolve) => (ended = resolve));
    const begun = await deliverer.begin(onEnded);
    underWay += begun;
    if (underWay > 0) await next;
    else if (begun === 0) return;
  }
}
