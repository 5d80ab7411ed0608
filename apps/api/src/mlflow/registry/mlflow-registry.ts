import type {
  Actor,
  Caller,
  ListModels,
  ListVersions,
  MlflowCreateVersion,
  MlflowSearch,
  Model,
  ModelVersion,
  Page,
} from '#contracts';
import { AppError, PublishBundle } from '#contracts';
import {
  modelSubject,
  modelVersion,
  parseSearch,
  registeredModel,
  SEARCHED_MODELS,
  SEARCHED_VERSIONS,
  versionFolder,
  versionSubject,
  type AliasesByVersion,
} from '#mlflow';
import type { AliasService, ModelService, PublishBundles, RegistryService } from '#registry';
import { checked } from '../../http/contract.pipe.js';
import { askedName, pushedDown, type PushedDown } from './pushed-down.js';
import type { VersionSources } from './version-sources.js';

export interface MlflowRegistryParts {
  readonly registry: RegistryService;
  readonly models: ModelService;
  readonly aliases: AliasService;
  readonly bundles: PublishBundles;
  readonly sources: VersionSources;
  readonly newId: () => string;
}

/** Who asks, and by which host and port of the service. */
export interface Asker {
  readonly actor: Caller;
  readonly host: string;
}

const PAGE = 200;

/** The registry in MLflow's words. All of it throws what the registry's services throw. */
export class MlflowRegistry {
  constructor(private readonly parts: MlflowRegistryParts) {}

  async model({ actor, host }: Asker, name: string): Promise<object> {
    return this.shownModel({ actor, host }, await this.parts.registry.model(actor, name));
  }

  async shownModel(asker: Asker, model: Model): Promise<object> {
    const [shown] = await this.shownModels(asker, [model]);
    return shown!;
  }

  /** With their aliases and their newest versions, as far as those are there still. */
  private async shownModels({ actor, host }: Asker, models: readonly Model[]): Promise<object[]> {
    const names = models.map(({ name }) => name);
    const aliases = await this.aliasesOf(actor, names);
    const latest = new Map(
      (await this.parts.models.latestOf(actor, names)).map((each) => [each.model, each]),
    );
    return models.map((model) => {
      const named = aliases.get(model.name) ?? new Map();
      const version = latest.get(model.name);
      return registeredModel(model, named, version && modelVersion(version, named, sourceOf(host, version)));
    });
  }

  /** @throws AppError invalid_request for a search that cannot be read */
  async searchModels(asker: Asker, search: MlflowSearch) {
    const { conditions, page } = parseSearch(search, SEARCHED_MODELS);
    const found = await this.allModels(asker.actor, pushedDown(conditions));
    const { items, nextPageToken } = page(found.map((model) => [modelSubject(model), model]));
    return { registered_models: await this.shownModels(asker, items), next_page_token: nextPageToken };
  }

  async version({ actor, host }: Asker, name: string, version: number): Promise<object> {
    return this.shownVersion({ actor, host }, await this.parts.registry.version(actor, name, version));
  }

  async shownVersion({ actor, host }: Asker, version: ModelVersion): Promise<object> {
    const [shown] = await this.shownVersions({ actor, host }, [version]);
    return shown!;
  }

  private async shownVersions({ actor, host }: Asker, versions: readonly ModelVersion[]): Promise<object[]> {
    const aliases = await this.aliasesOf(actor, [...new Set(versions.map(({ model }) => model))]);
    return versions.map((version) =>
      modelVersion(version, aliases.get(version.model) ?? new Map(), sourceOf(host, version)),
    );
  }

  async versionOfAlias(asker: Asker, model: string, alias: string): Promise<object> {
    const { version } = await this.parts.aliases.get(asker.actor, { model, alias });
    return this.version(asker, model, version);
  }

  /** @throws AppError invalid_request for a search that cannot be read */
  async searchVersions(asker: Asker, search: MlflowSearch) {
    const { actor, host } = asker;
    const { conditions, page } = parseSearch(search, SEARCHED_VERSIONS);
    const name = askedName(conditions);
    const { tag, ...named } = pushedDown(conditions);
    const models = await this.allModels(actor, named);
    const versions: ModelVersion[] = [];
    for (const model of models) {
      if (name === undefined || model.name === name)
        versions.push(
          ...(await this.allVersions(actor, model.name, { ...(tag && { tag }) }).catch(noneIfGone)),
        );
    }
    const subject = (version: ModelVersion) => versionSubject(version, sourceOf(host, version));
    const { items, nextPageToken } = page(versions.map((version) => [subject(version), version]));
    return { model_versions: await this.shownVersions(asker, items), next_page_token: nextPageToken };
  }

  /** Also gives a version that the model has of the bundle already. @throws AppError bundle_unreadable, invalid_request */
  async createVersion(asker: Asker, request: MlflowCreateVersion): Promise<object> {
    const { name, source, description } = request;
    const digest = await this.parts.sources.digestOf(asker, source);
    const body = checked(PublishBundle, { digest, description, tags: tagsOf(request) }, 'body');
    const { bundles, newId } = this.parts;
    const { version } = await bundles.publish(asker.actor, name, body, newId());
    return this.shownVersion(asker, version);
  }

  /** There are no stages, so there is one latest version. @throws AppError invalid_request where one of a stage is asked for */
  async latestVersions(asker: Asker, name: string, stages: readonly string[]): Promise<object[]> {
    for (const stage of stages) if (stage.toLowerCase() !== 'none') throw noStages('stages', stage);
    const { latestVersion } = await this.parts.registry.model(asker.actor, name);
    return latestVersion === undefined ? [] : [await this.version(asker, name, latestVersion)];
  }

  private allModels(actor: Actor, query: PushedDown): Promise<Model[]> {
    const list = (page: ListModels) => this.parts.models.list(actor, page);
    return all((cursor) => list({ ...query, limit: PAGE, ...(cursor !== undefined && { cursor }) }));
  }

  private allVersions(actor: Actor, name: string, query: PushedDown): Promise<ModelVersion[]> {
    const list = (page: ListVersions) => this.parts.models.versions(actor, name, page);
    return all((cursor) => list({ ...query, limit: PAGE, ...(cursor !== undefined && { cursor }) }));
  }

  /** By model. */
  private async aliasesOf(actor: Actor, models: readonly string[]): Promise<Map<string, AliasesByVersion>> {
    const byModel = new Map<string, Map<number, string[]>>();
    for (const { model, alias, version } of await this.parts.aliases.listOf(actor, models)) {
      const byVersion = byModel.get(model) ?? new Map<number, string[]>();
      byModel.set(model, byVersion.set(version, [...(byVersion.get(version) ?? []), alias]));
    }
    return byModel;
  }
}

/** Of a model that was deleted since it was found. */
function noneIfGone(error: unknown): never[] {
  if (error instanceof AppError && error.code === 'not_found') return [];
  throw error;
}

/** Tags as the registry has them. */
export function tagsOf({ tags }: Pick<MlflowCreateVersion, 'tags'>): Record<string, string> {
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}

/** The error of a request that is about a stage. */
export function noStages(field: string, stage: string): AppError {
  const expected = 'none: versions have no stages here, but aliases, as in models:/NAME@production';
  return new AppError('invalid_request', `${field} is "${stage}": expected ${expected}`, {
    fields: [{ field, value: stage, expected }],
  });
}

const sourceOf = (host: string, { model, version }: ModelVersion) => versionFolder(host, model, version);

async function all<Item>(read: (cursor: string | undefined) => Promise<Page<Item>>): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return items;
}
