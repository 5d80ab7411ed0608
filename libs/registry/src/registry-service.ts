import {
  AppError,
  newAudit,
  notFound,
  type Actor,
  type Candidate,
  type Dataset,
  type Deployment,
  type Job,
  type ListDeployments,
  type Model,
  type ModelVersion,
  type Page,
  type VersionDraft,
  type VersionLineage,
} from '#contracts';
import { buildDeployment, type DeploymentParts, type StabilityOf } from './build-deployment.js';
import type { ModelRepository } from './model-repository.port.js';
import type { PublishingSources } from './publishing-sources.port.js';

export interface RegistryServiceParts {
  readonly models: ModelRepository;
  readonly sources: PublishingSources;
  readonly stabilityOf: StabilityOf;
  readonly now: () => Date;
  readonly newId: () => string;
}

type Measured = Pick<DeploymentParts, 'device' | 'calibration' | 'verifications' | 'points'>;

/** Models, their immutable versions and where those are deployed. */
export class RegistryService {
  constructor(private readonly parts: RegistryServiceParts) {}

  /**
   * Makes a version of the job's candidate, with a deployment when the job has a device. Stores nothing: only the end of the job
   * says which attempt's draft it is to be.
   * @throws AppError internal when the job has no candidate, or was not verified though it has a calibration; or when the version is
   * built, because its verification lacks what was chosen
   */
  async draft(job: Job): Promise<VersionDraft> {
    const { now, newId } = this.parts;
    const { candidate } = job;
    if (candidate === undefined)
      throw new AppError('internal', `job "${job.id}" has no candidate to publish`);
    const dataset = await present(this.parts.sources.dataset(job, job.spec.datasetId), 'dataset', job.id);
    const measured = await this.measuredOf(job);
    const at = now();
    const model: Model = { ...newAudit(job, newId(), at), name: job.model, description: '', tags: {} };
    const parent = await this.parentOf(job);
    const build = (version: number): ModelVersion => {
      const deployments =
        measured === undefined ? [] : [this.deploymentOf(job, candidate, measured, version, at)];
      const content = contentOf(job, candidate, { dataset, parent, version });
      return { ...newAudit(job, newId(), at), ...content, deployments };
    };
    return { model, digest: candidate.bundle.digest, build };
  }

  /** @throws AppError not_found */
  async model(actor: Actor, name: string): Promise<Model> {
    const model = await this.parts.models.findModel(actor, name);
    if (model === undefined) throw notFound('model', name);
    return model;
  }

  /** @throws AppError not_found */
  async version(actor: Actor, name: string, version: number): Promise<ModelVersion> {
    const found = await this.parts.models.findVersion(actor, name, version);
    if (found === undefined) throw notFound('model version', `${name}/${version}`);
    return found;
  }

  deployments(actor: Actor, query: ListDeployments): Promise<Page<Deployment>> {
    return this.parts.models.listDeployments(actor, query);
  }

  /** @throws AppError not_found */
  async deployment(actor: Actor, deploymentId: string): Promise<Deployment> {
    const deployment = await this.parts.models.findDeployment(actor, deploymentId);
    if (deployment === undefined) throw notFound('deployment', deploymentId);
    return deployment;
  }

  /** Of one that is deleted by now, its name is all that is known. */
  private async parentOf(job: Job): Promise<VersionLineage['parent']> {
    const { warmStart } = job.spec;
    if (warmStart === undefined) return undefined;
    const found = await this.parts.models.findVersion(job, warmStart.model, warmStart.version);
    return { ...warmStart, ...(found && { versionId: found.id }) };
  }

  private async measuredOf(job: Job): Promise<Measured | undefined> {
    const { calibrationId } = job;
    if (calibrationId === undefined) return undefined;
    if (job.measuringTaskId === undefined)
      throw new AppError('internal', `job "${job.id}" is to be published without its verification`);
    const { sources } = this.parts;
    const calibration = await present(sources.calibration(job, calibrationId), 'calibration', job.id);
    const device = await present(sources.device(job, calibration.deviceId), 'device', job.id);
    // A job that was verified by an earlier version of the service has no rounds.
    const { measuringTaskIds, points } = job.verification ?? {
      measuringTaskIds: [job.measuringTaskId],
      points: [],
    };
    const tableOf = (taskId: string) => present(sources.verification(job, taskId), 'latency table', job.id);
    return { calibration, device, verifications: await Promise.all(measuringTaskIds.map(tableOf)), points };
  }

  private deploymentOf(
    job: Job,
    candidate: Candidate,
    measured: Measured,
    version: number,
    at: Date,
  ): Deployment {
    const { newId, stabilityOf } = this.parts;
    const { model } = job;
    const { ratios } = candidate;
    return buildDeployment({ actor: job, id: newId(), at, model, version, ratios, stabilityOf, ...measured });
  }
}

type Content = Omit<ModelVersion, keyof ReturnType<typeof newAudit> | 'deployments'>;

interface Origin {
  readonly dataset: Dataset;
  readonly parent: VersionLineage['parent'];
  readonly version: number;
}

function contentOf(job: Job, candidate: Candidate, { dataset, parent, version }: Origin): Content {
  const { bundle, ratios, ...training } = candidate;
  const { datasetId, network } = job.spec;
  const { calibrationId } = job;
  const url = `/v1/models/${job.model}/versions/${version}/bundle`;
  return {
    model: job.model,
    version,
    ...{ source: 'job', description: '', tags: {} },
    bundle: { ...bundle, url },
    network,
    input: dataset.input,
    classes: dataset.classes,
    ratios,
    training,
    lineage: {
      jobId: job.id,
      datasetId,
      datasetDigest: dataset.digest,
      ...(calibrationId === undefined ? {} : { calibrationId }),
      ...(parent === undefined ? {} : { parent }),
    },
  };
}

async function present<T>(found: Promise<T | undefined>, what: string, jobId: string): Promise<T> {
  const value = await found;
  if (value === undefined) throw new AppError('internal', `the ${what} of job "${jobId}" is gone`);
  return value;
}
