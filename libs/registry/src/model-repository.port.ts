import type {
  Actor,
  Deployment,
  ListDeployments,
  ListModels,
  ListVersions,
  Model,
  ModelVersion,
  Page,
  VersionDraft,
} from '#contracts';

/** What a bundle was published as. */
export interface Published {
  readonly version: ModelVersion;
  /** Whether the model did not have the bundle before. */
  readonly isNew: boolean;
}

/** What is deleted since before then goes for good; at most `limit` models and versions at a time. */
export interface PurgeQuery {
  readonly deletedBefore: Date;
  readonly limit: number;
}

/**
 * Models, their versions and the versions' deployments. Versions of jobs are written with the end of the job that they come
 * from. What is deleted, or of a deleted model, is found by nobody but `updateModel`, `updateVersion` and lists that ask
 * for it. Changes of a model, of its versions and of its aliases are made one after the other.
 */
export interface ModelRepository {
  /** @throws AppError already_exists, also where the team has a deleted model of this name */
  createModel(model: Model): Promise<Model>;
  findModel(actor: Actor, name: string): Promise<Model | undefined>;
  /** Newest first. */
  listModels(actor: Actor, query: ListModels): Promise<Page<Model>>;

  /**
   * Stores what `change` makes of a model, a deleted one too; nothing where it gives back what it got.
   * @param change gets the names of the model's aliases as well
   * @throws AppError not_found
   */
  updateModel(
    actor: Actor,
    name: string,
    change: (before: Model, aliases: readonly string[]) => Model,
  ): Promise<Model>;

  findVersion(actor: Actor, name: string, version: number): Promise<ModelVersion | undefined>;
  /** The newest that is not deleted. */
  findLatest(actor: Actor, name: string): Promise<ModelVersion | undefined>;
  /** Of every model that has one and is there. */
  findLatestOf(actor: Actor, names: readonly string[]): Promise<ModelVersion[]>;
  /** Highest number first. @throws AppError not_found for a model that is not there or, unless deleted ones are asked for, deleted */
  listVersions(actor: Actor, name: string, query: ListVersions): Promise<Page<ModelVersion>>;

  /**
   * Stores what `change` makes of a version's description, tags and deletion; nothing where it gives back what it got.
   * @param change gets the names of the aliases that point to it as well
   * @throws AppError not_found
   */
  updateVersion(
    actor: Actor,
    place: { readonly name: string; readonly version: number },
    change: (before: ModelVersion, aliases: readonly string[]) => ModelVersion,
  ): Promise<ModelVersion>;

  /**
   * The version of a bundle that the team has: the one that the model has of it, which is deleted no longer then, or the
   * next one.
   * @throws AppError not_found where there is no such model, invalid_request (naming digest) where the team has no such bundle
   */
  publish(draft: VersionDraft): Promise<Published>;

  /**
   * The same of a bundle that has just been put into the artifact store: the team refers to it from then on.
   * @throws AppError not_found, or unavailable where the file was removed since: it has to be put again
   */
  publishStored(draft: VersionDraft): Promise<Published>;

  /** Any number of processes may do so at once. @returns how many models and versions have gone */
  purge(query: PurgeQuery): Promise<number>;

  findDeployment(actor: Actor, deploymentId: string): Promise<Deployment | undefined>;
  /** Newest first. */
  listDeployments(actor: Actor, query: ListDeployments): Promise<Page<Deployment>>;
}
