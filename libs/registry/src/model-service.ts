import {
  AppError,
  MOST_TAGS,
  newAudit,
  notFound,
  type Actor,
  type CreateModel,
  type ListModels,
  type ListVersions,
  type Model,
  type ModelVersion,
  type Page,
  type UpdateDescription,
} from '#contracts';
import type { ModelRepository } from './model-repository.port.js';

export interface ModelServiceParts {
  readonly models: ModelRepository;
  readonly now: () => Date;
}

/** Throws AppError precondition_failed for a resource that is not as the client saw it. */
type Check<T> = ((current: T) => void) | undefined;

export interface VersionPlace {
  readonly name: string;
  readonly version: number;
}

/** What people say of models and versions, and what of them is deleted. */
export class ModelService {
  constructor(private readonly parts: ModelServiceParts) {}

  /** A model without a version. @throws AppError already_exists */
  create(actor: Actor, { name, description, tags }: CreateModel, id: string): Promise<Model> {
    return this.parts.models.createModel({
      ...newAudit(actor, id, this.parts.now()),
      ...{ name, description, tags },
    });
  }

  list(actor: Actor, query: ListModels): Promise<Page<Model>> {
    return this.parts.models.listModels(actor, query);
  }

  /** The newest version of every model that has one and is there. */
  latestOf(actor: Actor, names: readonly string[]): Promise<ModelVersion[]> {
    return this.parts.models.findLatestOf(actor, names);
  }

  /** @throws AppError not_found */
  versions(actor: Actor, name: string, query: ListVersions): Promise<Page<ModelVersion>> {
    return this.parts.models.listVersions(actor, name, query);
  }

  /** @throws AppError not_found, precondition_failed, invalid_request for more tags than there may be */
  describe(actor: Actor, name: string, changes: UpdateDescription, check: Check<Model>): Promise<Model> {
    return this.parts.models.updateModel(actor, name, (before) => {
      requireThere(before, 'model', name);
      check?.(before);
      return this.described(before, changes);
    });
  }

  /** @throws AppError as `describe` does */
  describeVersion(
    actor: Actor,
    place: VersionPlace,
    changes: UpdateDescription,
    check: Check<ModelVersion>,
  ): Promise<ModelVersion> {
    return this.parts.models.updateVersion(actor, place, (before) => {
      requireThere(before, 'model version', `${place.name}/${place.version}`);
      check?.(before);
      return this.described(before, changes);
    });
  }

  /** With all of its versions. @throws AppError not_found, precondition_failed, in_use naming its aliases */
  async delete(actor: Actor, name: string, check: Check<Model>): Promise<void> {
    await this.parts.models.updateModel(actor, name, (before, aliases) => {
      requireThere(before, 'model', name);
      check?.(before);
      requireUnnamed(`model "${name}"`, aliases);
      return this.deleted(before, actor);
    });
  }

  /** With its deployments. @throws AppError not_found, precondition_failed, in_use naming the aliases that point to it */
  async deleteVersion(actor: Actor, place: VersionPlace, check: Check<ModelVersion>): Promise<void> {
    await this.parts.models.updateVersion(actor, place, (before, aliases) => {
      requireThere(before, 'model version', `${place.name}/${place.version}`);
      check?.(before);
      requireUnnamed(`version ${place.version} of model "${place.name}"`, aliases);
      return this.deleted(before, actor);
    });
  }

  /** What is not deleted stays as it is. @throws AppError not_found, also for what was purged */
  restore(actor: Actor, name: string): Promise<Model> {
    return this.parts.models.updateModel(actor, name, (before) => this.restored(before));
  }

  /** @throws AppError not_found, also for what was purged and while the model is deleted */
  restoreVersion(actor: Actor, place: VersionPlace): Promise<ModelVersion> {
    return this.parts.models.updateVersion(actor, place, (before) => this.restored(before));
  }

  private described<T extends Model | ModelVersion>(before: T, changes: UpdateDescription): T {
    const { description = before.description } = changes;
    const tags = patched(before.tags, changes.tags ?? {});
    return { ...before, description, tags, updatedAt: this.parts.now().toISOString() };
  }

  private deleted<T extends Model | ModelVersion>(before: T, { owner }: Actor): T {
    const at = this.parts.now().toISOString();
    return { ...before, updatedAt: at, deletedAt: at, deletedBy: owner };
  }

  private restored<T extends Model | ModelVersion>(before: T): T {
    if (before.deletedAt === undefined) return before;
    const updatedAt = this.parts.now().toISOString();
    return { ...before, updatedAt, deletedAt: undefined, deletedBy: undefined };
  }
}

function patched(
  tags: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const merged = Object.entries({ ...tags, ...changes });
  const left = merged.filter((entry): entry is [string, string] => entry[1] !== null);
  if (left.length <= MOST_TAGS) return Object.fromEntries(left);
  const expected = `at most ${MOST_TAGS} tags in all`;
  throw new AppError('invalid_request', `tags would be ${left.length}: expected ${expected}`, {
    fields: [{ field: 'tags', value: left.length, expected }],
  });
}

/** What is deleted is there for nobody but those who restore it. */
function requireThere({ deletedAt }: { deletedAt?: string | undefined }, what: string, name: string): void {
  if (deletedAt !== undefined) throw notFound(what, name);
}

function requireUnnamed(what: string, aliases: readonly string[]): void {
  if (aliases.length === 0) return;
  const names = aliases.map((alias) => `"${alias}"`).join(', ');
  throw new AppError('in_use', `aliases point to ${what}: ${names}; move or remove them first`);
}
