import { Body, Controller, Delete, Get, Header, HttpCode, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { ApiKeyService } from '#access';
import { ApiKey, CreateApiKey, NewApiKey, PageQuery, type Actor, type Page } from '#contracts';
import { Allows } from '../access/allows.decorator.js';
import { LOCATION } from '../http/creates.decorator.js';
import { CurrentActor } from '../http/current-actor.js';
import { IF_MATCH, IfMatch, type Precondition } from '../http/if-match.js';
import { VALIDATOR } from '../http/immutable.decorator.js';
import { ResourceId } from '../http/resource-id.js';
import { ApiKeyPage } from '../openapi/components.js';
import { BODY_PROBLEMS, Documented } from '../openapi/documented.decorator.js';

@ApiTags('access')
@Controller('v1/api-keys')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeyService) {}

  // Without Idempotency-Key: an answer that can be given again would have to be kept, and the key with it.
  @Post()
  @Allows('admin')
  @HttpCode(201)
  @Header('Cache-Control', 'no-store')
  @Documented({
    id: 'createApiKey',
    summary: 'Make an API key of a role',
    description:
      'The answer is the only one that has the key itself. A key of role `device` needs `deviceId`.',
    answers: { 201: { description: 'the key', schema: NewApiKey, headers: LOCATION } },
    problems: BODY_PROBLEMS,
  })
  async create(
    @CurrentActor() actor: Actor,
    @Body({ schema: CreateApiKey }) body: CreateApiKey,
    @Res({ passthrough: true }) response: Response,
  ): Promise<NewApiKey> {
    const key = await this.keys.create(actor, body);
    response.location(`/v1/api-keys/${key.id}`);
    return key;
  }

  @Get()
  @Allows('admin')
  @Documented({
    id: 'listApiKeys',
    summary: 'List API keys, newest first, revoked and expired ones too',
    answers: { 200: { description: 'a page of API keys', schema: ApiKeyPage } },
    problems: ['invalid_request'],
  })
  list(@CurrentActor() actor: Actor, @Query({ schema: PageQuery }) query: PageQuery): Promise<Page<ApiKey>> {
    return this.keys.list(actor, query);
  }

  @Get(':id')
  @Allows('admin')
  @Documented({
    id: 'getApiKey',
    summary: 'Read what an API key allows and when it was used last',
    answers: { 200: { description: 'the key without its secret', schema: ApiKey, headers: VALIDATOR } },
    problems: ['not_found'],
  })
  get(@CurrentActor() actor: Actor, @ResourceId('API key') id: string): Promise<ApiKey> {
    return this.keys.get(actor, id);
  }

  @Delete(':id')
  @Allows('admin')
  @HttpCode(204)
  @Documented({
    id: 'revokeApiKey',
    summary: 'Revoke an API key: it is refused from the next request on, and stays in the list',
    answers: { 204: { description: 'revoked' } },
    problems: ['invalid_request', 'not_found', 'precondition_failed'],
    headers: IF_MATCH,
  })
  revoke(
    @CurrentActor() actor: Actor,
    @ResourceId('API key') id: string,
    @IfMatch() check: Precondition<ApiKey> | undefined,
  ): Promise<void> {
    return this.keys.revoke(actor, id, check);
  }
}
