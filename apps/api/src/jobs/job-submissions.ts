import { createHash } from 'node:crypto';
import { MAX_RATIOS, type Actor, type CreateJob, type Dataset, type Job } from '#contracts';
import type { JobLookups, JobService } from '#jobs';
import { addLogFields, RecentlyUsed } from '#runtime';
import { networkOf, uniformWidths } from '#service';
import { addSpanAttributes } from '#telemetry';

const CHECKED_SHAPES = 1000;

/** Takes jobs, but none whose network cannot be built for its dataset or cannot reach its ratios: that would only show when a worker trains it. */
export class JobSubmissions {
  /** Digests of what was found to be well; finding it out takes milliseconds, and many jobs differ in nothing of it. */
  private readonly checked = new RecentlyUsed<true>({ maxEntries: CHECKED_SHAPES });

  constructor(private readonly parts: { jobs: JobService; lookups: JobLookups }) {}

  /** @throws AppError invalid_request, dataset_does_not_fit, network_invalid or ratio_unreachable; Error where the id is taken */
  async submit(actor: Actor, request: CreateJob, id?: string): Promise<Job> {
    await this.checkRatios(actor, request);
    const job = await this.parts.jobs.submit(actor, request, id);
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
    const { datasetId, calibrationId, profile } = request;
    const { lookups } = this.parts;
    const dataset = await lookups.dataset(actor, datasetId);
    const calibration =
      calibrationId === undefined ? undefined : await lookups.calibration(actor, calibrationId);
    const ratios = request.ratios ?? calibration?.ratios ?? profile?.ratios;
    if (dataset === undefined || ratios === undefined || ratios.length > MAX_RATIOS) return;
    this.checkShape(request, dataset, ratios);
  }

  private checkShape(
    { network, training, calibrationId, profile }: CreateJob,
    { input, classes }: Dataset,
    ratios: readonly number[],
  ): void {
    const { minChannels, channelMultiple } = training;
    const shape = digestOf({ network, input, classes, ratios, minChannels, channelMultiple });
    if (this.checked.get(shape)) return;
    const origin =
      calibrationId === undefined ? { field: profile ? 'profile.ratios' : 'ratios' } : { calibrationId };
    uniformWidths(networkOf(network, input, classes), ratios, training, origin);
    this.checked.set(shape, true);
  }
}

const digestOf = (value: object): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64');
