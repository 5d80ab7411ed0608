import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import {
  AliasAt,
  ModelAlias,
  MoveAlias,
  PageQuery,
  RemoveAlias,
  type Actor,
  type AliasChange,
  type Caller,
  type Page,
} from '#contracts';
import { AliasService } from '#registry';
import { Allows } from '../access/allows.decorator.js';
import { sendArtifact } from '../http/artifact-response.js';
import { CurrentActor } from '../http/current-actor.js';
import { DOWNLOAD } from '../http/download.documentation.js';
import { IF_MATCH, IfMatch, IfNoneMatchAny, type Precondition } from '../http/if-match.js';
import { NOT_MODIFIED, VALIDATOR } from '../http/immutable.decorator.js';
import { ResourceAlias, ResourceName } from '../http/resource-id.js';
import { AliasChangePage, ModelAliasPage } from '../openapi/components.js';
import { BODY_PROBLEMS, Documented } from '../openapi/documented.decorator.js';
import { ArtifactDownloads } from './artifact-downloads.js';

const ALIAS = { description: 'the alias', schema: ModelAlias, headers: VALIDATOR };
const VERSION_HEADER = 'Isochron-Version';

@ApiTags('models')
@Controller('v1/models/:name/aliases')
export class ModelAliasesController {
  constructor(
    private readonly aliases: AliasService,
    private readonly downloads: ArtifactDownloads,
  ) {}

  @Get()
  @Allows('viewer')
  @Documented({
    id: 'listModelAliases',
    summary: 'List the aliases of a model, the one that was made last first',
    answers: { 200: { description: 'a page of aliases', schema: ModelAliasPage } },
    problems: ['invalid_request', 'not_found'],
  })
  list(
    @CurrentActor() actor: Actor,
    @ResourceName('model') model: string,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<ModelAlias>> {
    return this.aliases.list(actor, model, query);
  }

  @Get(':alias')
  @Allows('viewer', { device: 'alias' })
  @Documented({
    id: 'getModelAlias',
    summary: 'Read what an alias points to, or pointed to at a time',
    description: '`latest` is the newest version that is not deleted.',
    answers: { 200: ALIAS, 304: NOT_MODIFIED },
    problems: ['invalid_request', 'not_found'],
  })
  get(
    @CurrentActor() actor: Actor,
    @ResourceName('model') model: string,
    @ResourceAlias() alias: string,
    @Query({ schema: AliasAt }) { at }: AliasAt,
  ): Promise<ModelAlias> {
    const place = { model, alias };
    return at === undefined ? this.aliases.get(actor, place) : this.aliases.asOf(actor, place, new Date(at));
  }

  @Put(':alias')
  @Allows('member')
  @Documented({
    id: 'moveModelAlias',
    summary: 'Point an alias to a version',
    description:
      'A team may leave moving an alias to admins: `production` is, unless the team says otherwise.',
    answers: { 200: ALIAS, 201: { ...ALIAS, description: 'the alias, which is new' } },
    problems: [...BODY_PROBLEMS, 'not_found', 'precondition_failed'],
    headers: { ...IF_MATCH, 'If-None-Match': '`*` does it only where there is no such alias' },
  })
  async move(
    @CurrentActor() caller: Caller,
    @ResourceName('model') model: string,
    @Param('alias') name: string,
    @Body({ schema: MoveAlias }) body: MoveAlias,
    @IfMatch() matches: Precondition<ModelAlias> | undefined,
    @IfNoneMatchAny() isToBeNew: boolean,
    @Res({ passthrough: true }) response: Response,
  ): Promise<ModelAlias> {
    const conditions = { matches, isNew: isToBeNew };
    const { alias, isNew } = await this.aliases.move(caller, { model, alias: name }, body, conditions);
    if (isNew) response.status(201).location(`/v1/models/${model}/aliases/${name}`);
    return alias;
  }

  @Delete(':alias')
  @Allows('member')
  @HttpCode(204)
  @Documented({
    id: 'removeModelAlias',
    summary: 'Remove an alias; its history stays',
    answers: { 204: { description: 'gone' } },
    problems: ['invalid_request', 'not_found', 'precondition_failed'],
    headers: IF_MATCH,
  })
  remove(
    @CurrentActor() caller: Caller,
    @ResourceName('model') model: string,
    @ResourceAlias() alias: string,
    @Query({ schema: RemoveAlias }) { reason }: RemoveAlias,
    @IfMatch() matches: Precondition<ModelAlias> | undefined,
  ): Promise<void> {
    return this.aliases.remove(caller, { model, alias }, { reason, matches });
  }

  @Get(':alias/history')
  @Allows('viewer')
  @Documented({
    id: 'listModelAliasHistory',
    summary: 'List the moves of an alias, newest first, also of one that is gone',
    answers: { 200: { description: 'a page of moves', schema: AliasChangePage } },
    problems: ['invalid_request', 'not_found'],
  })
  history(
    @CurrentActor() actor: Actor,
    @ResourceName('model') model: string,
    @ResourceAlias() alias: string,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<AliasChange>> {
    return this.aliases.history(actor, { model, alias }, query);
  }

  @Get(':alias/bundle')
  @Allows('viewer', { device: 'alias' })
  @Documented({
    id: 'downloadAliasBundle',
    summary: 'Download the bundle that an alias points to now',
    description: `The header ${VERSION_HEADER} says which version it is.`,
    ...DOWNLOAD,
  })
  async bundle(
    @CurrentActor() actor: Actor,
    @ResourceName('model') model: string,
    @ResourceAlias() alias: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const { version, ...bundle } = await this.aliases.bundle(actor, { model, alias });
    response.set(VERSION_HEADER, String(version));
    const file = { ...bundle, mayChange: true };
    const fileName = `${model}-${version}.safetensors`;
    await sendArtifact({ request, response }, file, fileName, (...of) => this.downloads.open(...of));
  }
}
