import {
  AppError,
  notFound,
  type Actor,
  type Deployment,
  type ListDeployments,
  type ListModels,
  type ListVersions,
  type Model,
  type ModelVersion,
  type Page,
  type TagFilter,
  type VersionDraft,
} from '#contracts';
import { noBundle, type ModelRepository, type Published, type PurgeQuery } from '#registry';
import { MemoryRows } from '../jobs/memory-rows.js';

/** What the row of a model keeps beside the model. */
interface ModelRow extends Model {
  readonly lastNumber: number;
  readonly purged?: boolean;
}

export class MemoryModels implements ModelRepository {
  private readonly models = new MemoryRows<ModelRow>();
  private readonly versions = new MemoryRows<ModelVersion>();
  /** Names of aliases that point to a version; MemoryAliases fills it. */
  namesOf: (versionId: string) => string[] = () => [];
  /** Whether a team has uploaded a bundle. */
  hasBundle: (actor: Actor, digest: string) => boolean = () => true;

  /** The job's version: the one that it has, or the next one, which `store` puts in. */
  nextOf(jobId: string, draft: VersionDraft): { version: ModelVersion; store: () => void } {
    const known = this.versions.all().find((version) => version.lineage.jobId === jobId);
    if (known !== undefined) return { version: known, store: () => {} };
    const { version, store } = this.next(draft);
    return { version, store };
  }

  createModel(model: Model): Promise<Model> {
    const before = this.row(model, model.name);
    if (before !== undefined && !before.purged)
      return Promise.reject(new AppError('already_exists', `there is a model "${model.name}" already`));
    const { id = model.id, lastNumber = 0 } = before ?? {};
    this.models.put({ ...model, id, lastNumber });
    return Promise.resolve({ ...model, id });
  }

  findModel(actor: Actor, name: string): Promise<Model | undefined> {
    return Promise.resolve(this.modelThere(actor, name));
  }

  /** The same at once. */
  modelThere(actor: Actor, name: string): Model | undefined {
    const row = this.there(actor, name);
    return row && this.modelOf(row);
  }

  listModels(actor: Actor, query: ListModels): Promise<Page<Model>> {
    const { items, ...page } = this.models.page(actor, query, (row) => {
      const isShown = row.deletedAt === undefined || (query.includeDeleted === true && !row.purged);
      return isShown && row.name.startsWith(query.name ?? '') && hasTags(row, query.tag);
    });
    return Promise.resolve({ items: items.map((row) => this.modelOf(row)), ...page });
  }

  async updateModel(
    actor: Actor,
    name: string,
    change: (before: Model, aliases: readonly string[]) => Model,
  ): Promise<Model> {
    const row = this.row(actor, name);
    if (row === undefined || row.purged) throw notFound('model', name);
    const before = this.modelOf(row);
    const aliases = this.versionsOf(row).flatMap(({ id }) => this.namesOf(id));
    const after = change(before, aliases.sort());
    this.models.put({ ...after, lastNumber: row.lastNumber });
    return Promise.resolve(after);
  }

  findVersion(actor: Actor, name: string, number: number): Promise<ModelVersion | undefined> {
    return Promise.resolve(this.versionThere(actor, name, number));
  }

  /** The same at once. */
  versionThere(actor: Actor, name: string, number: number): ModelVersion | undefined {
    return this.versionsThere(actor, name).find(({ version }) => version === number);
  }

  findLatest(actor: Actor, name: string): Promise<ModelVersion | undefined> {
    return Promise.resolve(this.versionsThere(actor, name)[0]);
  }

  findLatestOf(actor: Actor, names: readonly string[]): Promise<ModelVersion[]> {
    return Promise.resolve(names.flatMap((name) => this.versionsThere(actor, name).slice(0, 1)));
  }

  listVersions(actor: Actor, name: string, query: ListVersions): Promise<Page<ModelVersion>> {
    const { includeDeleted = false, limit, cursor, tag } = query;
    const row = this.row(actor, name);
    const isListed = row !== undefined && !row.purged && (includeDeleted || row.deletedAt === undefined);
    if (!isListed) return Promise.reject(notFound('model', name));
    const below = cursor === undefined ? Infinity : Number(cursor);
    const all = this.versionsOf(row)
      .filter((each) => includeDeleted || each.deletedAt === undefined)
      .filter((each) => each.version < below && hasTags(each, tag));
    const items = all.slice(0, limit);
    const nextCursor = all.length > limit ? String(items.at(-1)!.version) : undefined;
    return Promise.resolve(nextCursor === undefined ? { items } : { items, nextCursor });
  }

  async updateVersion(
    actor: Actor,
    { name, version }: { readonly name: string; readonly version: number },
    change: (before: ModelVersion, aliases: readonly string[]) => ModelVersion,
  ): Promise<ModelVersion> {
    const row = this.there(actor, name);
    if (row === undefined) throw notFound('model', name);
    const before = this.versionsOf(row).find((each) => each.version === version);
    if (before === undefined) throw notFound('model version', `${name}/${version}`);
    const after = change(before, this.namesOf(before.id));
    this.versions.put(after);
    return Promise.resolve(after);
  }

  async publish(draft: VersionDraft): Promise<Published> {
    const { model, digest } = draft;
    if (this.there(model, model.name) === undefined) throw notFound('model', model.name);
    if (!this.hasBundle(model, digest)) throw noBundle(digest);
    return this.publishStored(draft);
  }

  async publishStored(draft: VersionDraft): Promise<Published> {
    const { model } = draft;
    if (this.there(model, model.name) === undefined) throw notFound('model', model.name);
    const { version, isNew, store } = this.next(draft);
    store();
    return Promise.resolve({ version, isNew });
  }

  purge({ deletedBefore, limit }: PurgeQuery): Promise<number> {
    const isOld = ({ deletedAt }: { deletedAt?: string | undefined }) =>
      deletedAt !== undefined && new Date(deletedAt) < deletedBefore;
    const models = this.models
      .all()
      .filter((row) => isOld(row) && !row.purged)
      .slice(0, limit);
    for (const row of models) {
      this.models.put({ ...row, purged: true });
      for (const { id } of this.versionsOf(row)) this.versions.remove(id);
    }
    const versions = this.versions.all().filter(isOld).slice(0, limit);
    for (const { id } of versions) this.versions.remove(id);
    return Promise.resolve(models.length + versions.length);
  }

  findDeployment(actor: Actor, deploymentId: string): Promise<Deployment | undefined> {
    return Promise.resolve(this.deployments().find(actor, deploymentId));
  }

  listDeployments(actor: Actor, query: ListDeployments): Promise<Page<Deployment>> {
    const { deviceId } = query;
    const ofDevice = (deployment: Deployment) => deviceId === undefined || deployment.deviceId === deviceId;
    return Promise.resolve(this.deployments().page(actor, query, ofDevice));
  }

  private next({ model, digest, build }: VersionDraft) {
    const row = this.row(model, model.name);
    const { id, lastNumber } = row ?? { id: model.id, lastNumber: 0 };
    const stored = { ...(row?.purged ? model : (row ?? model)), ...BACK, id, lastNumber, purged: false };
    const known = row && this.versionsOf(row).find((each) => each.bundle.digest === digest);
    if (known !== undefined) {
      const version = { ...known, ...BACK };
      const back = () => {
        this.models.put(stored);
        this.versions.put(version);
      };
      return { version, isNew: false, store: back };
    }
    const version = build(stored.lastNumber + 1);
    const store = () => {
      this.models.put({ ...stored, lastNumber: version.version, updatedAt: model.updatedAt });
      this.versions.put(version);
    };
    return { version, isNew: true, store };
  }

  private deployments(): MemoryRows<Deployment> {
    const rows = new MemoryRows<Deployment>();
    const versions = this.models.all().flatMap((row) => this.versionsThere(row, row.name));
    for (const deployment of versions.flatMap((version) => version.deployments)) rows.put(deployment);
    return rows;
  }

  private modelOf({ lastNumber: _last, purged: _purged, ...model }: ModelRow): Model {
    const latestVersion = this.versionsOf(model).find(({ deletedAt }) => deletedAt === undefined)?.version;
    return { ...model, ...(latestVersion === undefined ? {} : { latestVersion }) };
  }

  /** Highest number first. */
  private versionsOf({ teamId, name }: Pick<Model, 'teamId' | 'name'>): ModelVersion[] {
    const all = this.versions.all().filter((version) => version.teamId === teamId && version.model === name);
    return all.sort((a, b) => b.version - a.version);
  }

  private versionsThere(actor: Pick<Actor, 'teamId'>, name: string): ModelVersion[] {
    const row = this.there(actor, name);
    return row === undefined ? [] : this.versionsOf(row).filter(({ deletedAt }) => deletedAt === undefined);
  }

  private there(actor: Pick<Actor, 'teamId'>, name: string): ModelRow | undefined {
    const row = this.row(actor, name);
    return row?.deletedAt === undefined ? row : undefined;
  }

  private row({ teamId }: Pick<Actor, 'teamId'>, name: string): ModelRow | undefined {
    return this.models.all().find((row) => row.teamId === teamId && row.name === name);
  }
}

/** What is deleted no longer. */
const BACK = { deletedAt: undefined, deletedBy: undefined };

function hasTags({ tags }: Pick<Model, 'tags'>, filter: TagFilter = []): boolean {
  return filter.every(({ key, value }) => Object.hasOwn(tags, key) && tags[key] === value);
}
