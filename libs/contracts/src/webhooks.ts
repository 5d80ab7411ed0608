import { z } from 'zod';
import { Audit, Id, PageQuery, Timestamp } from './common.js';

/** What an endpoint may be told of. `job.` is followed by a state of the job. */
export const WebhookEventType = z.enum([
  'job.running',
  'job.succeeded',
  'job.failed',
  'job.cancelled',
  'job.paused',
  'model.version.published',
  'model.alias.moved',
  'deployment.created',
  'device.recalibration_needed',
]);
export type WebhookEventType = z.infer<typeof WebhookEventType>;

/** The type of the event that a test sends; nobody subscribes to it. */
export const WEBHOOK_TEST_EVENT = 'webhook.test';

const LONGEST_URL = 2000;

const WebhookUrl = z
  .url({ protocol: /^https?$/, error: 'expected an https URL' })
  .max(LONGEST_URL, `expected a URL of at most ${LONGEST_URL} characters`)
  .describe('where events are posted to: https, or http to a private address where the service allows those');

export const WebhookEvents = z
  .union([z.literal('all'), z.array(WebhookEventType).min(1).max(WebhookEventType.options.length)])
  .describe('types of events that are sent; "all" has those to come too');
export type WebhookEvents = z.infer<typeof WebhookEvents>;

const Description = z.string().min(1).max(500);

export const CreateWebhook = z.strictObject({
  url: WebhookUrl,
  events: WebhookEvents.default('all'),
  description: Description.optional(),
});
export type CreateWebhook = z.infer<typeof CreateWebhook>;

export const WebhookState = z.enum(['enabled', 'disabled']);
export type WebhookState = z.infer<typeof WebhookState>;

export const WebhookDisabledReason = z
  .enum(['requested', 'gone', 'failing'])
  .describe(
    'requested: by a PATCH; gone: the receiver answered 410; failing: all attempts of a delivery failed, and no other succeeded meanwhile',
  );
export type WebhookDisabledReason = z.infer<typeof WebhookDisabledReason>;

/** What is left out stays as it is. */
export const UpdateWebhook = z
  .strictObject({
    url: WebhookUrl.optional(),
    events: WebhookEvents.optional(),
    description: Description.nullable().optional().describe('null takes it away'),
    state: WebhookState.optional().describe('enabled: what waits is tried again, with all of its attempts'),
  })
  .refine((changes) => Object.keys(changes).length > 0, { message: 'expected at least one field' });
export type UpdateWebhook = z.infer<typeof UpdateWebhook>;

/** An endpoint of the team's that events are posted to. */
export const Webhook = Audit.extend({
  url: z.string(),
  events: WebhookEvents,
  description: z.string().optional(),
  state: WebhookState,
  disabledReason: WebhookDisabledReason.optional(),
  disabledAt: Timestamp.optional(),
  previousSecretExpiresAt: Timestamp.optional().describe(
    'deliveries are signed with the secret before the newest too, until then',
  ),
  revision: z.number().int().describe('rises with every change; in quotes it is the ETag'),
});
export type Webhook = z.infer<typeof Webhook>;

/** A webhook with its secret, which is told at its creation and rotation alone. */
export const NewWebhook = Webhook.extend({
  secret: z.string().describe('`whsec_` and the base64 of the key that signs'),
});
export type NewWebhook = z.infer<typeof NewWebhook>;

export const RotateWebhookSecret = z
  .strictObject({
    previousValidHours: z
      .number()
      .int()
      .min(0)
      .max(168)
      .default(24)
      .describe('how long the secret before signs too; 0 where others know it'),
  })
  .prefault({});
export type RotateWebhookSecret = z.infer<typeof RotateWebhookSecret>;

/** What the receiver said to one attempt; without `status` it said nothing. */
export const WebhookAnswer = z.object({
  status: z.number().int().optional(),
  responseExcerpt: z.string().optional().describe('how the body of the answer begins'),
  error: z.string().optional().describe('why there is no answer'),
  durationMs: z.number(),
});
export type WebhookAnswer = z.infer<typeof WebhookAnswer>;

export const WebhookTestResult = WebhookAnswer.extend({
  succeeded: z.boolean().describe('whether the receiver answered 2xx'),
});
export type WebhookTestResult = z.infer<typeof WebhookTestResult>;

export const WebhookDeliveryState = z
  .enum(['pending', 'succeeded', 'failed'])
  .describe('pending: to be tried, or tried again; failed: not tried any more');
export type WebhookDeliveryState = z.infer<typeof WebhookDeliveryState>;

/** One event on its way to one webhook. Its id is the `webhook-id` of every attempt. */
export const WebhookDelivery = Audit.extend({
  webhookId: Id,
  type: WebhookEventType,
  body: z.string().describe('the JSON that is posted, byte for byte'),
  state: WebhookDeliveryState,
  attempts: z
    .number()
    .int()
    .describe('that have ended, since the event or since it was last asked for again'),
  nextAttemptAt: Timestamp.optional(),
  lastAttemptAt: Timestamp.optional(),
  lastAnswer: WebhookAnswer.optional(),
});
export type WebhookDelivery = z.infer<typeof WebhookDelivery>;

/** Query of GET /v1/webhooks/{id}/deliveries. */
export const ListWebhookDeliveries = PageQuery.extend({ state: WebhookDeliveryState.optional() });
export type ListWebhookDeliveries = z.infer<typeof ListWebhookDeliveries>;
