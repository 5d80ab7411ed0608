import type { WorkQueue } from '#queue';
import type { Logger } from '#runtime';
import type { Service } from '#service';
import type { WebhookService } from '#webhooks';
import type { ApiMetrics } from './metrics/api-metrics.js';
import type { RateLimiter } from './rate-limits/rate-limiter.js';
import type { UploadLimits } from './uploads/upload-limits.js';

/** What the HTTP API is made of. */
export interface ApiParts {
  readonly service: Service;
  readonly webhooks: WebhookService;
  readonly queue: Pick<WorkQueue, 'kind' | 'health'>;
  readonly uploads: UploadLimits;
  readonly metrics: ApiMetrics;
  /** Folders below which requests may name datasets by path; nowhere without them. */
  readonly datasetRoots?: readonly string[];
  /** Counts requests; without it any number is answered. */
  readonly rateLimiter?: RateLimiter | undefined;
  /** Whose X-Forwarded-For is believed, as Express's "trust proxy" takes it; nobody's without it. */
  readonly trustedProxies?: string | undefined;
  readonly logger: Logger;
}
