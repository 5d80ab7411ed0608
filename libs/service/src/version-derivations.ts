import {
  AppError,
  TrainingOptions,
  type Actor,
  type CreateJob,
  type Job,
  type ModelVersion,
} from '#contracts';
import type { JobRepository, JobService } from '#jobs';
import type { Derivation, DerivationJobs } from '#registry';

export interface VersionDerivationsParts {
  readonly jobs: Pick<JobService, 'submitDerivation'>;
  readonly stored: Pick<JobRepository, 'find'>;
}

/** Has workers derive ratios by jobs, under the training options of the version but on any engine. */
export class VersionDerivations implements DerivationJobs {
  constructor(private readonly parts: VersionDerivationsParts) {}

  async submit(actor: Actor, { version, datasetId, request }: Derivation, id: string): Promise<Job> {
    const { model, version: number, network } = version;
    const { ratios, priority, requires } = request;
    const spec: CreateJob = {
      ...{ model, network, datasetId, ratios: trainedRatios(version), priority },
      training: await this.trainingOf(actor, version, datasetId),
      ...{ until: 'publish', labels: {}, ...(requires && { requires }) },
    };
    const derivation = { model, version: number, ratios };
    return this.parts.jobs.submitDerivation(actor, { spec, derivation }, id);
  }

  /** Limits on images are of the dataset that they were given for. */
  private async trainingOf(
    actor: Actor,
    { lineage }: ModelVersion,
    datasetId: string,
  ): Promise<TrainingOptions> {
    const job = lineage.jobId === undefined ? undefined : await this.parts.stored.find(actor, lineage.jobId);
    const training = job?.spec.training ?? TrainingOptions.parse({});
    const anywhere = { ...training, engine: undefined, threads: undefined };
    if (datasetId === lineage.datasetId) return anywhere;
    return { ...anywhere, trainImages: undefined, testImages: undefined };
  }
}

function trainedRatios({ model, version, ratios }: ModelVersion): number[] {
  const trained = ratios.filter(({ derived }) => !derived).map(({ ratio }) => ratio);
  if (trained[0] === 0) return trained;
  const detail = `version ${version} of "${model}" has trained ratios ${trained.join(', ')}: expected 0 (the dense network) among them`;
  throw new AppError('invalid_request', detail);
}
