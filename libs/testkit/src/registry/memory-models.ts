import {
  type Actor,
  type Dataset,
  type Deployment,
  type ListDeployments,
  type Model,
  type ModelVersion,
  type Page,
  type PageQuery,
  type VersionDraft,
} from '#contracts';
import { datasetExists, type DatasetRepository, type ModelRepository } from '#registry';
import { MemoryRows } from '../jobs/memory-rows.js';

export class MemoryModels implements ModelRepository {
  private readonly models = new MemoryRows<Model>();
  private readonly versions = new MemoryRows<ModelVersion>();

  /** The job's version: the one that it has, or the next one, which `store` puts in. */
  nextOf(jobId: string, { model, build }: VersionDraft): { version: ModelVersion; store: () => void } {
    const known = this.versions.all().find((version) => version.lineage.jobId === jobId);
    if (known !== undefined) return { version: known, store: () => {} };
    const stored = this.named(model, model.name);
    const latestVersion = (stored?.latestVersion ?? 0) + 1;
    const version = build(latestVersion);
    const store = () => {
      this.versions.put(version);
      this.models.put({ ...(stored ?? model), latestVersion, updatedAt: model.updatedAt });
    };
    return { version, store };
  }

  findModel(actor: Actor, name: string): Promise<Model | undefined> {
    return Promise.resolve(this.named(actor, name));
  }

  listModels(actor: Actor, query: PageQuery): Promise<Page<Model>> {
    return Promise.resolve(this.models.page(actor, query));
  }

  findVersion(actor: Actor, name: string, number: number): Promise<ModelVersion | undefined> {
    const matches = (version: ModelVersion) =>
      version.teamId === actor.teamId && version.model === name && version.version === number;
    return Promise.resolve(this.versions.all().find(matches));
  }

  findDeployment(actor: Actor, deploymentId: string): Promise<Deployment | undefined> {
    return Promise.resolve(this.deployments().find(actor, deploymentId));
  }

  listDeployments(actor: Actor, query: ListDeployments): Promise<Page<Deployment>> {
    const { deviceId } = query;
    const ofDevice = (deployment: Deployment) => deviceId === undefined || deployment.deviceId === deviceId;
    return Promise.resolve(this.deployments().page(actor, query, ofDevice));
  }

  private deployments(): MemoryRows<Deployment> {
    const rows = new MemoryRows<Deployment>();
    for (const deployment of this.versions.all().flatMap((version) => version.deployments))
      rows.put(deployment);
    return rows;
  }

  private named(actor: Actor, name: string): Model | undefined {
    return this.models.all().find((model) => model.teamId === actor.teamId && model.name === name);
  }
}

export class MemoryDatasets implements DatasetRepository {
  private readonly rows = new MemoryRows<Dataset>();

  create(dataset: Dataset): Promise<void> {
    if (this.named(dataset, dataset.name) !== undefined) return Promise.reject(datasetExists(dataset.name));
    this.rows.put(dataset);
    return Promise.resolve();
  }

  find(actor: Actor, datasetId: string): Promise<Dataset | undefined> {
    return Promise.resolve(this.rows.find(actor, datasetId));
  }

  findByName(actor: Actor, name: string): Promise<Dataset | undefined> {
    return Promise.resolve(this.named(actor, name));
  }

  list(actor: Actor, query: PageQuery): Promise<Page<Dataset>> {
    return Promise.resolve(this.rows.page(actor, query));
  }

  private named({ teamId }: Pick<Actor, 'teamId'>, name: string): Dataset | undefined {
    return this.rows.all().find((dataset) => dataset.teamId === teamId && dataset.name === name);
  }
}
