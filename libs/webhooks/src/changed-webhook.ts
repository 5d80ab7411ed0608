import type { UpdateWebhook, Webhook } from '#contracts';

/** The webhook with the changes of a request; pure. */
export function changedWebhook(before: Webhook, request: UpdateWebhook, now: Date): Webhook {
  const { url = before.url, events = before.events, state = before.state } = request;
  const { description: stated, disabledReason, disabledAt, ...kept } = before;
  const description = request.description === undefined ? stated : (request.description ?? undefined);
  const at = now.toISOString();
  const disabled =
    state === 'enabled'
      ? {}
      : before.state === 'disabled'
        ? { disabledReason, disabledAt }
        : { disabledReason: 'requested' as const, disabledAt: at };
  return {
    ...kept,
    ...{ url, events, state },
    ...(description === undefined ? {} : { description }),
    ...disabled,
    updatedAt: at,
    revision: before.revision + 1,
  };
}
