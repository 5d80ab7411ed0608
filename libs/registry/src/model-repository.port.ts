import type { Actor, Deployment, ListDeployments, Model, ModelVersion, Page, PageQuery } from '#contracts';

/** Models, their immutable versions and the versions' deployments. */
export interface ModelRepository {
  /**
   * Gives the model the next version number and stores the version that `build` returns, with its deployments, in one
   * transaction. `model` is stored as it is when its team has none of this name yet, else only `latestVersion` and
   * `updatedAt` of the stored one change. When the job has a version already, that one is returned and nothing is
   * written; concurrent calls for one job store one version.
   */
  publish(model: Model, jobId: string, build: (version: number) => ModelVersion): Promise<ModelVersion>;

  findModel(actor: Actor, name: string): Promise<Model | undefined>;
  /** Newest first. */
  listModels(actor: Actor, query: PageQuery): Promise<Page<Model>>;
  findVersion(actor: Actor, name: string, version: number): Promise<ModelVersion | undefined>;
  findDeployment(actor: Actor, deploymentId: string): Promise<Deployment | undefined>;
  /** Newest first. */
  listDeployments(actor: Actor, query: ListDeployments): Promise<Page<Deployment>>;
}
