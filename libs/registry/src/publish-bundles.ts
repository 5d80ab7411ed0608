import {
  AppError,
  newAudit,
  notFound,
  unknownReference,
  type Actor,
  type ImageInput,
  type Model,
  type ModelVersion,
  type NetworkSpec,
  type PublishBundle,
  type VersionDraft,
  type VersionLineage,
  type VersionRatio,
} from '#contracts';
import type { ModelRepository, Published } from './model-repository.port.js';

/** What a bundle says of itself. */
export interface BundleContent {
  readonly bytes: number;
  readonly network: NetworkSpec;
  readonly input: ImageInput;
  readonly classes: number;
  readonly ratios: readonly VersionRatio[];
}

/** Reads bundles that teams have uploaded. */
export interface UploadedBundles {
  /**
   * @throws AppError bundle_unreadable naming the fault
   * @returns undefined for a file that the team has not
   */
  read(actor: Actor, digest: string): Promise<BundleContent | undefined>;
}

export interface PublishBundlesParts {
  readonly models: Pick<ModelRepository, 'findModel' | 'findVersion' | 'publish' | 'publishStored'>;
  readonly bundles: UploadedBundles;
  readonly now: () => Date;
}

/** Makes versions of bundles that were trained elsewhere. */
export class PublishBundles {
  constructor(private readonly parts: PublishBundlesParts) {}

  /**
   * The version of a bundle: the one that the model has of it already, else the next one.
   * @param id of the version, if it is new
   * @throws AppError not_found where there is no such model, invalid_request for a digest or a parent that the team has not,
   * bundle_unreadable
   */
  async publish(actor: Actor, name: string, request: PublishBundle, id: string): Promise<Published> {
    const model = await this.model(actor, name);
    const content = await this.parts.bundles.read(actor, request.digest);
    if (content === undefined) throw noBundle(request.digest);
    return this.parts.models.publish(
      await this.draftOf(model, request, content, newAudit(actor, id, this.parts.now())),
    );
  }

  /**
   * The same of a bundle that is read already, and has just been put into the artifact store.
   * @throws AppError as `publish` does
   */
  async publishStored(
    actor: Actor,
    name: string,
    { content, ...request }: PublishBundle & { readonly content: BundleContent },
    id: string,
  ): Promise<Published> {
    const model = await this.model(actor, name);
    const draft = await this.draftOf(model, request, content, newAudit(actor, id, this.parts.now()));
    return this.parts.models.publishStored(draft);
  }

  /** @throws AppError not_found */
  async model(actor: Actor, name: string): Promise<Model> {
    const model = await this.parts.models.findModel(actor, name);
    if (model === undefined) throw notFound('model', name);
    return model;
  }

  private async draftOf(
    model: Model,
    request: PublishBundle,
    { bytes, ratios, ...shape }: BundleContent,
    audit: ReturnType<typeof newAudit>,
  ): Promise<VersionDraft> {
    const { digest, description, tags } = request;
    const lineage = await this.lineageOf(audit, request);
    const { name } = model;
    const build = (version: number): ModelVersion => ({
      ...audit,
      ...{ model: name, version, source: 'upload', description, tags, ...shape },
      bundle: { digest, bytes, url: `/v1/models/${name}/versions/${version}/bundle` },
      ratios: [...ratios],
      ...{ lineage, deployments: [] },
    });
    return { model, digest, build };
  }

  private async lineageOf(actor: Actor, { parentVersion }: PublishBundle): Promise<VersionLineage> {
    if (parentVersion === undefined) return {};
    const { model, version } = parentVersion;
    const found = await this.parts.models.findVersion(actor, model, version);
    if (found === undefined)
      throw unknownReference('parentVersion', `${model} version ${version}`, 'model version');
    return { parent: { ...parentVersion, versionId: found.id } };
  }
}

/** The error of a bundle that the team has not uploaded. */
export function noBundle(digest: string): AppError {
  return new AppError('invalid_request', `there is no bundle ${digest} that your team has uploaded`, {
    fields: [{ field: 'digest', value: digest, expected: 'the digest of an upload that is complete' }],
  });
}
