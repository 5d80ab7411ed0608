import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { CreateModel, ListModels, Model, UpdateDescription, type Actor, type Page } from '#contracts';
import { ModelService, RegistryService } from '#registry';
import { Allows } from '../access/allows.decorator.js';
import { Creates, LOCATION } from '../http/creates.decorator.js';
import { CurrentActor } from '../http/current-actor.js';
import { IF_MATCH, IfMatch, type Precondition } from '../http/if-match.js';
import { NOT_MODIFIED, VALIDATOR } from '../http/immutable.decorator.js';
import { ForNew, type NewId } from '../http/new-id.js';
import { ResourceName } from '../http/resource-id.js';
import { ModelPage } from '../openapi/components.js';
import { BODY_PROBLEMS, Documented } from '../openapi/documented.decorator.js';

const MODEL_ANSWER = { 200: { description: 'the model', schema: Model, headers: VALIDATOR } };

@ApiTags('models')
@Controller('v1/models')
export class ModelsController {
  constructor(
    private readonly registry: RegistryService,
    private readonly models: ModelService,
  ) {}

  @Post()
  @Allows('member')
  @Creates(201, {
    id: 'createModel',
    summary: 'Make a model without a version yet',
    description: 'Jobs make their models themselves; uploaded bundles need one.',
    answers: { 201: { description: 'the model', schema: Model, headers: LOCATION } },
    problems: ['already_exists'],
  })
  async create(
    @CurrentActor() actor: Actor,
    @Body({ schema: CreateModel }) body: CreateModel,
    @ForNew() { id, mayExist }: NewId,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Model> {
    response.location(`/v1/models/${body.name}`);
    if (!mayExist) return this.models.create(actor, body, id);
    // An earlier try of this request may have made it.
    return this.models.create(actor, body, id).catch(async (error: unknown) => {
      const found = await this.registry.model(actor, body.name).catch(() => undefined);
      if (found?.id === id) return found;
      throw error;
    });
  }

  @Get()
  @Allows('viewer')
  @Documented({
    id: 'listModels',
    summary: 'List models, newest first, by tags and by how their names begin',
    answers: { 200: { description: 'a page of models', schema: ModelPage } },
    problems: ['invalid_request'],
  })
  list(@CurrentActor() actor: Actor, @Query({ schema: ListModels }) query: ListModels): Promise<Page<Model>> {
    return this.models.list(actor, query);
  }

  @Get(':name')
  @Allows('viewer')
  @Documented({
    id: 'getModel',
    summary: 'Read a model',
    answers: { ...MODEL_ANSWER, 304: NOT_MODIFIED },
    problems: ['not_found'],
  })
  get(@CurrentActor() actor: Actor, @ResourceName('model') name: string): Promise<Model> {
    return this.registry.model(actor, name);
  }

  @Patch(':name')
  @Allows('member')
  @Documented({
    id: 'updateModel',
    summary: 'Change description and tags of a model',
    answers: MODEL_ANSWER,
    problems: [...BODY_PROBLEMS, 'not_found', 'precondition_failed'],
    headers: IF_MATCH,
  })
  update(
    @CurrentActor() actor: Actor,
    @ResourceName('model') name: string,
    @Body({ schema: UpdateDescription }) body: UpdateDescription,
    @IfMatch() check: Precondition<Model> | undefined,
  ): Promise<Model> {
    return this.models.describe(actor, name, body, check);
  }

  @Delete(':name')
  @Allows('member')
  @HttpCode(204)
  @Documented({
    id: 'deleteModel',
    summary: 'Delete a model with all of its versions',
    description: 'It can be restored until it is purged. Refused while it has aliases.',
    answers: { 204: { description: 'deleted' } },
    problems: ['invalid_request', 'not_found', 'in_use', 'precondition_failed'],
    headers: IF_MATCH,
  })
  delete(
    @CurrentActor() actor: Actor,
    @ResourceName('model') name: string,
    @IfMatch() check: Precondition<Model> | undefined,
  ): Promise<void> {
    return this.models.delete(actor, name, check);
  }

  @Post(':name/restore')
  @Allows('member')
  @HttpCode(200)
  @Documented({
    id: 'restoreModel',
    summary: 'Take the deletion of a model back',
    description: 'Versions that were deleted by themselves stay deleted.',
    answers: MODEL_ANSWER,
    problems: ['not_found'],
  })
  restore(@CurrentActor() actor: Actor, @ResourceName('model') name: string): Promise<Model> {
    return this.models.restore(actor, name);
  }
}
