import type { JobCalibration, JobService, WorkerIdentity, WorkerReports, BegunStage } from '#jobs';
import type { Delivery, QueueData } from '#queue';
import type { RegistryService } from '#registry';
import type { Logger } from '#runtime';
import { inSpan } from '#telemetry';
import { isSuperseded, jobErrorOf } from './job-error.js';
import { noteAttempt } from './observability/observed-handler.js';

export interface LightProcessorParts {
  readonly jobs: JobService;
  readonly reports: WorkerReports;
  readonly calibration: JobCalibration;
  readonly registry: RegistryService;
  readonly worker: WorkerIdentity;
  readonly logger: Logger;
}

type Message = Exclude<QueueData<'light'>, { stage: 'gather' }>;

/** Handles `light`: has devices measure, calibrates, publishes candidates. */
export class LightProcessor {
  constructor(private readonly parts: LightProcessorParts) {}

  /** @throws what the queue is to retry, or to count as failed */
  process(message: Message, delivery: Delivery): Promise<void> {
    switch (message.stage) {
      case 'measure':
      case 'verify':
        return this.measure(message, delivery);
      case 'calibrate':
        return this.work(message, delivery, (stage) => this.calibrate(stage));
      case 'publish':
        return this.work(message, delivery, (stage) => this.publish(stage));
    }
  }

  /** No worker holds a job that is being measured, so there is no attempt that could fail. */
  private async measure({ jobId }: Message, delivery: Delivery): Promise<void> {
    const { jobs, logger } = this.parts;
    await jobs.requestMeasuring(jobId, (error) => {
      logger.error({ err: error, jobId }, 'a device could not be asked to measure');
      return delivery.willRetry(error) ? undefined : jobErrorOf(error);
    });
  }

  private async work(
    { jobId, stage, generation }: Message,
    delivery: Delivery,
    work: (stage: BegunStage) => Promise<void>,
  ): Promise<void> {
    const { reports, worker, logger } = this.parts;
    const begun = await reports.begin({ jobId, stage, generation, worker });
    if (begun === undefined) return;
    noteAttempt(begun);
    try {
      await work(begun);
    } catch (error) {
      if (isSuperseded(error)) return;
      logger.error({ err: error, jobId, stage }, 'a stage failed');
      await reports.failed(jobId, begun.attempt, jobErrorOf(error), delivery.willRetry(error));
      throw error;
    }
  }

  private async calibrate({ job, attempt }: BegunStage): Promise<void> {
    const { calibration, reports, logger } = this.parts;
    const made = await calibration.calibrate(job);
    await reports.calibrated(job.id, attempt, made);
    const { id: calibrationId, ratios } = made;
    logger.info({ jobId: job.id, calibrationId, ratios }, 'calibrated');
  }

  private async publish({ job, attempt }: BegunStage): Promise<void> {
    const { registry, reports, logger } = this.parts;
    const attributes = { 'isochron.job.id': job.id };
    const { version } = await inSpan('publish', { attributes }, async () =>
      reports.published(job.id, attempt, await registry.draft(job)),
    );
    logger.info({ jobId: job.id, model: job.model, version }, 'published');
  }
}
