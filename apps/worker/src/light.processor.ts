import type { JobService } from '#jobs';
import type { Delivery, QueueData } from '#queue';
import type { RegistryService } from '#registry';
import type { Logger } from '#runtime';
import { inSpan } from '#telemetry';
import { isSuperseded, jobErrorOf } from './job-error.js';
import { noteAttempt } from './observability/observed-handler.js';

export interface LightProcessorParts {
  readonly jobs: JobService;
  readonly registry: RegistryService;
  readonly logger: Logger;
}

/** Handles `light`: has a candidate verified, publishes it. */
export class LightProcessor {
  constructor(private readonly parts: LightProcessorParts) {}

  /** @throws what the queue is to retry, or to count as failed */
  process({ jobId, stage }: QueueData<'light'>, delivery: Delivery): Promise<void> {
    return stage === 'verify' ? this.verify(jobId, delivery) : this.publish(jobId, delivery);
  }

  /** No worker holds a job that is being measured, so there is no attempt that could fail. */
  private async verify(jobId: string, delivery: Delivery): Promise<void> {
    const { jobs, logger } = this.parts;
    try {
      await jobs.requestVerification(jobId);
    } catch (error) {
      logger.error({ err: error, jobId }, 'a candidate could not be given to its device');
      if (!delivery.willRetry(error)) await jobs.giveUp(jobId, jobErrorOf(error));
      throw error;
    }
  }

  private async publish(jobId: string, delivery: Delivery): Promise<void> {
    const { jobs, registry, logger } = this.parts;
    const begun = await jobs.begin(jobId, 'publish');
    if (begun === undefined) return;
    noteAttempt(begun.attempt);
    try {
      const { version } = await inSpan('publish', { attributes: { 'isochron.job.id': jobId } }, () =>
        registry.publish(begun.job),
      );
      await jobs.published(jobId, begun.attempt, version);
      logger.info({ jobId, model: begun.job.model, version }, 'published');
    } catch (error) {
      if (isSuperseded(error)) return;
      logger.error({ err: error, jobId }, 'publishing failed');
      await jobs.failed(jobId, begun.attempt, jobErrorOf(error), delivery.willRetry(error));
      throw error;
    }
  }
}
