import {
  addendumUrl,
  AppError,
  newAudit,
  notFound,
  unknownReference,
  type Actor,
  type Candidate,
  type CreateAddendum,
  type Job,
  type ModelAddendum,
  type ModelVersion,
} from '#contracts';
import type { PublishingSources } from '../publishing-sources.port.js';
import type { RegistryService } from '../registry-service.js';
import type { AddendumRepository } from './addendum-repository.port.js';
import { checkDataset, checkRatios, invalid } from './check-addendum.js';
import type { DerivationJobs } from './derivation-jobs.port.js';

export interface AddendaServiceParts {
  readonly registry: Pick<RegistryService, 'version'>;
  readonly addenda: AddendumRepository;
  readonly sources: Pick<PublishingSources, 'dataset'>;
  readonly derivations: DerivationJobs;
  readonly now: () => Date;
  readonly newId: () => string;
}

/** Ratios that are added to published versions, which themselves never change. */
export class AddendaService {
  constructor(private readonly parts: AddendaServiceParts) {}

  /** All of a version, oldest first. @throws AppError not_found */
  async list(actor: Actor, model: string, version: number): Promise<ModelAddendum[]> {
    await this.parts.registry.version(actor, model, version);
    return this.parts.addenda.list(actor, { model, version });
  }

  /** @throws AppError not_found */
  async get(actor: Actor, model: string, version: number, digest: string): Promise<ModelAddendum> {
    const all = await this.list(actor, model, version);
    const found = all.find((addendum) => addendum.digest === digest);
    if (found === undefined) throw notFound(`addendum of version ${version} of "${model}"`, digest);
    return found;
  }

  /**
   * Has a worker derive ratios and publish them as an addendum of the version: the job says how that goes.
   * @throws AppError not_found, already_exists (naming the ratio), invalid_request (naming the ratio, or datasetId) or
   * dataset_does_not_fit
   */
  async derive(
    actor: Actor,
    model: string,
    number: number,
    request: CreateAddendum,
    id = this.parts.newId(),
  ): Promise<Job> {
    const version = await this.parts.registry.version(actor, model, number);
    checkRatios(request, version, await this.parts.addenda.list(actor, { model, version: number }));
    const datasetId = await this.datasetFor(actor, version, request);
    return this.parts.derivations.submit(actor, { version, datasetId, request }, id);
  }

  /**
   * The addendum of what a job derived. Stores nothing: only the end of the job says which attempt's it is to be.
   * @throws AppError internal for a job that derives nothing
   */
  draft(job: Job, { bundle, ratios, testImages }: Candidate): ModelAddendum {
    const { now, newId } = this.parts;
    const { id: jobId, derivation } = job;
    if (derivation === undefined)
      throw new AppError('internal', `job "${jobId}" derives no ratios of a version`);
    const { model, version } = derivation;
    const url = addendumUrl(model, version, bundle.digest);
    return {
      ...newAudit(job, newId(), now()),
      ...{ model, version, ...bundle, url, ratios, testImages, jobId },
    };
  }

  private async datasetFor(
    actor: Actor,
    version: ModelVersion,
    { datasetId = version.lineage.datasetId }: CreateAddendum,
  ): Promise<string> {
    if (datasetId === undefined)
      throw invalid('datasetId', datasetId, 'a dataset: the version does not say what it was trained on');
    const dataset = await this.parts.sources.dataset(actor, datasetId);
    if (dataset === undefined) throw unknownReference('datasetId', datasetId, 'dataset');
    checkDataset(dataset, version);
    return dataset.id;
  }
}
