import type { Model, ModelVersion } from '#contracts';
import type { Attributes, Subject } from './filter.js';
import type { Searched } from './result-page.js';

/** Names of aliases, by the number of the version that they point to. */
export type AliasesByVersion = ReadonlyMap<number, readonly string[]>;

/** What is searched of models. */
export const SEARCHED_MODELS: Searched = {
  attributes: { name: 'text' } satisfies Attributes,
  orderable: ['name', 'creation_timestamp', 'last_updated_timestamp'],
  usualOrder: [{ by: 'name', descending: false }],
};

/** What is searched of versions. No version has a run: Isochron keeps none. */
export const SEARCHED_VERSIONS: Searched = {
  attributes: { name: 'text', version_number: 'number', run_id: 'text', source_path: 'text' },
  orderable: ['name', 'version_number', 'creation_timestamp', 'last_updated_timestamp'],
  usualOrder: [
    { by: 'name', descending: false },
    { by: 'version_number', descending: true },
  ],
};

export function modelSubject({ name, tags, createdAt, updatedAt }: Model): Subject {
  return { attributes: { name, ...times({ createdAt, updatedAt }) }, tags };
}

export function versionSubject(
  { model, version, tags, createdAt, updatedAt }: ModelVersion,
  source: string,
): Subject {
  const attributes = { name: model, version_number: version, source_path: source };
  return { attributes: { ...attributes, ...times({ createdAt, updatedAt }) }, tags };
}

/** A model in MLflow's words (mlflow/protos/model_registry.proto). */
export function registeredModel(model: Model, aliases: AliasesByVersion, latest: object | undefined) {
  const pointers = [...aliases].flatMap(([version, names]) =>
    names.map((alias) => ({ alias, version: String(version) })),
  );
  return {
    ...{ name: model.name, description: model.description, user_id: model.owner, ...times(model) },
    latest_versions: latest === undefined ? [] : [latest],
    tags: pairs(model.tags),
    aliases: pointers,
  };
}

/** A version in MLflow's words. It is ready from the first moment on, and in no stage: there are none. */
export function modelVersion(version: ModelVersion, aliases: AliasesByVersion, source: string) {
  return {
    ...{ name: version.model, version: String(version.version), user_id: version.owner, ...times(version) },
    ...{ current_stage: 'None', status: 'READY', source, description: version.description },
    tags: pairs(version.tags),
    aliases: aliases.get(version.version) ?? [],
  };
}

function times({ createdAt, updatedAt }: Pick<Model, 'createdAt' | 'updatedAt'>) {
  return { creation_timestamp: Date.parse(createdAt), last_updated_timestamp: Date.parse(updatedAt) };
}

function pairs(tags: Readonly<Record<string, string>>): { key: string; value: string }[] {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}
