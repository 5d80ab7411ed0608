import type { Actor, Deployment, ListDeployments, Model, ModelVersion, Page, PageQuery } from '#contracts';

/** Models, their immutable versions and the versions' deployments. They are written with the end of the job that they come from. */
export interface ModelRepository {
  findModel(actor: Actor, name: string): Promise<Model | undefined>;
  /** Newest first. */
  listModels(actor: Actor, query: PageQuery): Promise<Page<Model>>;
  findVersion(actor: Actor, name: string, version: number): Promise<ModelVersion | undefined>;
  findDeployment(actor: Actor, deploymentId: string): Promise<Deployment | undefined>;
  /** Newest first. */
  listDeployments(actor: Actor, query: ListDeployments): Promise<Page<Deployment>>;
}
