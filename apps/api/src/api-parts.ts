import type { Actor } from '#contracts';
import type { WorkQueue } from '#queue';
import type { Logger } from '#runtime';
import type { Service } from '#service';
import type { WebhookService } from '#webhooks';
import type { ApiMetrics } from './metrics/api-metrics.js';
import type { UploadLimits } from './uploads/upload-limits.js';

/** What the HTTP API is made of. */
export interface ApiParts {
  readonly service: Service;
  readonly webhooks: WebhookService;
  readonly queue: Pick<WorkQueue, 'kind' | 'health'>;
  /** On whose behalf requests are made, as long as there is no access control. */
  readonly actor: Actor;
  readonly uploads: UploadLimits;
  readonly metrics: ApiMetrics;
  readonly logger: Logger;
}
