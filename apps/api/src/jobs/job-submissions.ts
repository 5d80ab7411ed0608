import { MAX_RATIOS, type Actor, type CreateJob, type Job } from '#contracts';
import type { JobLookups, JobService } from '#jobs';
import { addLogFields } from '#runtime';
import { networkOf, uniformWidths } from '#service';
import { addSpanAttributes } from '#telemetry';

/** Takes jobs, but none whose network cannot be built for its dataset or cannot reach its ratios: that would only show when a worker trains it. */
export class JobSubmissions {
  constructor(private readonly parts: { jobs: JobService; lookups: JobLookups }) {}

  /** @throws AppError invalid_request, dataset_does_not_fit, network_invalid or ratio_unreachable */
  async submit(actor: Actor, request: CreateJob): Promise<Job> {
    await this.checkRatios(actor, request);
    const job = await this.parts.jobs.submit(actor, request);
    addLogFields({ jobId: job.id, stage: job.stage, attempt: job.attempt });
    addSpanAttributes({ 'isochron.job.id': job.id });
    return job;
  }

  /** Checks a submission as `submit` does, and gives the job that it would store. @throws what `submit` throws */
  async prepare(actor: Actor, request: CreateJob): Promise<Job> {
    await this.checkRatios(actor, request);
    return this.parts.jobs.prepare(actor, request);
  }

  /** What is not there, and a calibration of too many ratios, is for the job service to refuse. */
  private async checkRatios(actor: Actor, request: CreateJob): Promise<void> {
    const { network, datasetId, calibrationId, profile, training } = request;
    const { lookups } = this.parts;
    const dataset = await lookups.dataset(actor, datasetId);
    const calibration =
      calibrationId === undefined ? undefined : await lookups.calibration(actor, calibrationId);
    const ratios = request.ratios ?? calibration?.ratios ?? profile?.ratios;
    if (dataset === undefined || ratios === undefined || ratios.length > MAX_RATIOS) return;
    const origin =
      calibrationId === undefined ? { field: profile ? 'profile.ratios' : 'ratios' } : { calibrationId };
    uniformWidths(networkOf(network, dataset.input, dataset.classes), ratios, training, origin);
  }
}
