import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Model, ModelVersion, PageQuery, type Actor, type Page } from '#contracts';
import { RegistryService } from '#registry';
import { Allows } from '../access/allows.decorator.js';
import { CurrentActor } from '../http/current-actor.js';
import { sendArtifact } from '../http/artifact-response.js';
import { DOWNLOAD } from '../http/download.documentation.js';
import { NOT_MODIFIED, VALIDATOR } from '../http/immutable.decorator.js';
import { ResourceIndex, ResourceName } from '../http/resource-id.js';
import { ModelPage } from '../openapi/components.js';
import { Documented } from '../openapi/documented.decorator.js';
import { ArtifactDownloads } from './artifact-downloads.js';

@ApiTags('models')
@Controller('v1/models')
export class ModelsController {
  constructor(
    private readonly registry: RegistryService,
    private readonly downloads: ArtifactDownloads,
  ) {}

  @Get()
  @Allows('viewer')
  @Documented({
    id: 'listModels',
    summary: 'List models, newest first',
    answers: { 200: { description: 'a page of models', schema: ModelPage } },
    problems: ['invalid_request'],
  })
  list(@CurrentActor() actor: Actor, @Query({ schema: PageQuery }) query: PageQuery): Promise<Page<Model>> {
    return this.registry.models(actor, query);
  }

  @Get(':name')
  @Allows('viewer')
  @Documented({
    id: 'getModel',
    summary: 'Read a model',
    answers: { 200: { description: 'the model', schema: Model } },
    problems: ['not_found'],
  })
  get(@CurrentActor() actor: Actor, @ResourceName('model') name: string): Promise<Model> {
    return this.registry.model(actor, name);
  }

  @Get(':name/versions/:version')
  @Allows('viewer')
  @Documented({
    id: 'getModelVersion',
    summary: 'Read a version with its ratios, lineage and deployments',
    description: 'The version never changes; the list of its deployments may grow.',
    answers: {
      200: { description: 'the version', schema: ModelVersion, headers: VALIDATOR },
      304: NOT_MODIFIED,
    },
    problems: ['not_found'],
  })
  version(
    @CurrentActor() actor: Actor,
    @ResourceName('model') name: string,
    @ResourceIndex('version', 'model version') version: number,
  ): Promise<ModelVersion> {
    return this.registry.version(actor, name, version);
  }

  @Get(':name/versions/:version/bundle')
  @Allows('viewer')
  @Documented({ id: 'downloadBundle', summary: "Download a version's bundle", ...DOWNLOAD })
  async bundle(
    @CurrentActor() actor: Actor,
    @ResourceName('model') name: string,
    @ResourceIndex('version', 'model version') version: number,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { bundle } = await this.registry.version(actor, name, version);
    const fileName = `${name}-${version}.safetensors`;
    await sendArtifact({ request, response }, bundle, fileName, (...of) => this.downloads.open(...of));
  }
}
