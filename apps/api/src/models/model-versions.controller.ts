import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Patch,
  Post,
  Query,
  Req,
  Res,
  UseInterceptors,
} from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import {
  ListVersions,
  ModelVersion,
  PublishBundle,
  PublishedBody,
  UpdateDescription,
  type Actor,
  type Page,
} from '#contracts';
import { ModelService, PublishBundles, RegistryService } from '#registry';
import { Allows } from '../access/allows.decorator.js';
import { Creates, LOCATION } from '../http/creates.decorator.js';
import { CurrentActor } from '../http/current-actor.js';
import { sendArtifact } from '../http/artifact-response.js';
import { DOWNLOAD } from '../http/download.documentation.js';
import { AcceptsBody } from '../http/media-type.guard.js';
import { ANNOUNCED_DIGEST } from '../http/announced-digests.js';
import { checked } from '../http/contract.pipe.js';
import { IF_MATCH, IfMatch, type Precondition } from '../http/if-match.js';
import { NOT_MODIFIED, VALIDATOR } from '../http/immutable.decorator.js';
import { ForNew, type NewId } from '../http/new-id.js';
import { ResourceIndex, ResourceName } from '../http/resource-id.js';
import { ModelVersionPage } from '../openapi/components.js';
import { BODY_PROBLEMS, Documented } from '../openapi/documented.decorator.js';
import { ArtifactDownloads } from './artifact-downloads.js';
import { BundleBodies } from './bundle-bodies.js';
import { BUNDLE_TYPES, bundleBodyOf, BundleBodyInterceptor } from './bundle-body.interceptor.js';
import { PUBLISH_BODY } from './publish-body.documentation.js';

const VERSION_ANSWER = { 200: { description: 'the version', schema: ModelVersion, headers: VALIDATOR } };
const VersionIndex = () => ResourceIndex('version', 'model version');

@ApiTags('models')
@Controller('v1/models/:name/versions')
export class ModelVersionsController {
  constructor(
    private readonly registry: RegistryService,
    private readonly models: ModelService,
    private readonly bundles: PublishBundles,
    private readonly bodies: BundleBodies,
    private readonly downloads: ArtifactDownloads,
  ) {}

  @Post()
  @Allows('member')
  @AcceptsBody('application/json', ...BUNDLE_TYPES)
  @Creates(201, {
    id: 'publishVersion',
    summary: 'Make a version of a bundle, which is the body or was uploaded',
    description:
      'Network, ratios and, where the bundle says them, accuracies are read from the bundle. A model has one version of a ' +
      'bundle: a deleted one is restored. The query is for a body that is the bundle itself.',
    answers: {
      200: { description: 'the version that the model has of the bundle already', schema: ModelVersion },
      201: { description: 'a new version', schema: ModelVersion, headers: LOCATION },
    },
    problems: ['not_found', 'bundle_unreadable', 'upload_corrupt'],
    headers: ANNOUNCED_DIGEST,
    requestBody: PUBLISH_BODY,
  })
  // Runs before the decorator above: the bundle is there before the Idempotency-Key is looked at.
  @UseInterceptors(BundleBodyInterceptor)
  async publish(
    @CurrentActor() actor: Actor,
    @ResourceName('model') name: string,
    @Query({ schema: PublishedBody }) query: PublishedBody,
    @ForNew() { id }: NewId,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ModelVersion> {
    const body = bundleBodyOf(request);
    const { version, isNew } = body
      ? await this.bodies.publish(actor, name, body, query, id)
      : await this.bundles.publish(actor, name, checked(PublishBundle, request.body, 'body'), id);
    response.location(`/v1/models/${name}/versions/${version.version}`);
    if (!isNew) response.status(200);
    return version;
  }

  @Get()
  @Allows('viewer')
  @Documented({
    id: 'listModelVersions',
    summary: 'List the versions of a model, newest first, by tags if asked',
    answers: { 200: { description: 'a page of versions', schema: ModelVersionPage } },
    problems: ['invalid_request', 'not_found'],
  })
  list(
    @CurrentActor() actor: Actor,
    @ResourceName('model') name: string,
    @Query({ schema: ListVersions }) query: ListVersions,
  ): Promise<Page<ModelVersion>> {
    return this.models.versions(actor, name, query);
  }

  @Get(':version')
  @Allows('viewer')
  @Documented({
    id: 'getModelVersion',
    summary: 'Read a version with its ratios, lineage and deployments',
    description: 'Description, tags and the list of its deployments may change, and nothing else.',
    answers: { ...VERSION_ANSWER, 304: NOT_MODIFIED },
    problems: ['not_found'],
  })
  version(
    @CurrentActor() actor: Actor,
    @ResourceName('model') name: string,
    @VersionIndex() version: number,
  ): Promise<ModelVersion> {
    return this.registry.version(actor, name, version);
  }

  @Patch(':version')
  @Allows('member')
  @Documented({
    id: 'updateModelVersion',
    summary: 'Change description and tags of a version',
    answers: VERSION_ANSWER,
    problems: [...BODY_PROBLEMS, 'not_found', 'precondition_failed'],
    headers: IF_MATCH,
  })
  update(
    @CurrentActor() actor: Actor,
    @ResourceName('model') name: string,
    @VersionIndex() version: number,
    @Body({ schema: UpdateDescription }) body: UpdateDescription,
    @IfMatch() check: Precondition<ModelVersion> | undefined,
  ): Promise<ModelVersion> {
    return this.models.describeVersion(actor, { name, version }, body, check);
  }

  @Delete(':version')
  @Allows('member')
  @HttpCode(204)
  @Documented({
    id: 'deleteModelVersion',
    summary: 'Delete a version with its deployments',
    description: 'It can be restored until it is purged. Refused while aliases point to it.',
    answers: { 204: { description: 'deleted' } },
    problems: ['invalid_request', 'not_found', 'in_use', 'precondition_failed'],
    headers: IF_MATCH,
  })
  delete(
    @CurrentActor() actor: Actor,
    @ResourceName('model') name: string,
    @VersionIndex() version: number,
    @IfMatch() check: Precondition<ModelVersion> | undefined,
  ): Promise<void> {
    return this.models.deleteVersion(actor, { name, version }, check);
  }

  @Post(':version/restore')
  @Allows('member')
  @HttpCode(200)
  @Documented({
    id: 'restoreModelVersion',
    summary: 'Take the deletion of a version back',
    answers: VERSION_ANSWER,
    problems: ['not_found'],
  })
  restore(
    @CurrentActor() actor: Actor,
    @ResourceName('model') name: string,
    @VersionIndex() version: number,
  ): Promise<ModelVersion> {
    return this.models.restoreVersion(actor, { name, version });
  }

  @Get(':version/bundle')
  @Allows('viewer', { device: 'version' })
  @Documented({ id: 'downloadBundle', summary: "Download a version's bundle", ...DOWNLOAD })
  async bundle(
    @CurrentActor() actor: Actor,
    @ResourceName('model') name: string,
    @VersionIndex() version: number,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { bundle } = await this.registry.version(actor, name, version);
    const fileName = `${name}-${version}.safetensors`;
    await sendArtifact({ request, response }, bundle, fileName, (...of) => this.downloads.open(...of));
  }
}
